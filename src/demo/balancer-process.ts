/** `poolgate run` that ends with the demo: its stdin is a pipe which breaks when the demo is gone, however it went. */
process.stdin.on('end', endWithDemo).on('error', endWithDemo).resume();

await import('../main.ts');

function endWithDemo(): void {
  process.kill(process.pid, 'SIGTERM');
}
