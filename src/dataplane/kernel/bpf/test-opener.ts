/** A thread that gives packets to a program while others do the same. */
import { workerData } from 'node:worker_threads';
import { runProgram } from './run.ts';

export interface Opening {
  readonly fd: number;
  /** struct __sk_buff, for each packet anew. */
  readonly context: Uint8Array;
  readonly packets: readonly Uint8Array[];
  /** Counts the threads that are ready; all begin when it has reached `threads`. */
  readonly gate: Int32Array<SharedArrayBuffer>;
  readonly threads: number;
}

const { fd, context, packets, gate, threads } = workerData as Opening;
Atomics.add(gate, 0, 1);
while (Atomics.load(gate, 0) < threads);
for (const bytes of packets) runProgram(fd, context, bytes);
