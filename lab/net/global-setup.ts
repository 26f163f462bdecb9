/**
 * Once before the lab's scenarios: says loudly if they cannot run here, else clears what dead runs left, and builds what the
 * kernel plane loads.
 */
import { run } from './exec.ts';
import { reasonsNotToRun } from './can-run.ts';
import { sweep } from './names.ts';

export default async function setup(): Promise<void> {
  const reasons = reasonsNotToRun();
  if (reasons.length === 0) {
    const removed = await sweep();
    if (removed.length > 0)
      process.stderr.write(`lab: removed ${removed.length} namespaces of runs that died\n`);
    const built = await run('sh', ['scripts/build-bpf.sh']);
    if (built.code !== 0) process.stderr.write(built.stderr);
    return;
  }
  const line = '='.repeat(78);
  const list = reasons.map((reason) => `LAB SKIPPED: ${reason}\n`).join('');
  process.stderr.write(
    `${line}\n${list}LAB SKIPPED: no scenario in lab/ was run; see lab/README.md\n${line}\n`,
  );
}
