/** `poolgate run` that ends with the demo: its stdin is a pipe which breaks when the demo is gone, however it went. */
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';

process.stdin.on('end', endAlone).on('error', endAlone).resume();

await import('../main.ts');

/** A demo that was killed could not clean up, so the folder of its config (`run CONFIG`) goes from here. */
function endAlone(): void {
  const [, , , configFile] = process.argv;
  if (configFile) process.on('exit', () => rmSync(dirname(configFile), { recursive: true, force: true }));
  process.kill(process.pid, 'SIGTERM');
}
