/** For tests: the thread that a kernel plane lives in (remote-plane.ts), in a namespace of its own. */
import { type MessagePort, workerData } from 'node:worker_threads';
import type { DataPlane } from '../../dataplane.ts';
import { createKernelPlane } from '../plane.ts';
import { CABLE, layCable, moveApart } from './apart.ts';

export type Method = Exclude<keyof DataPlane, 'name'>;

export interface Asked {
  readonly id: number;
  /** Of the plane with this number, or what makes it. */
  readonly plane: number;
  readonly what: Method | 'create';
  readonly args: readonly unknown[];
}

export interface Answered {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string; readonly code?: string; readonly stack?: string };
}

export interface Given {
  readonly port: MessagePort;
  /** Raised by one with every answer, for a parent that waits for one without a turn of its loop. */
  readonly answered: Int32Array;
}

const { port, answered } = workerData as Given;

moveApart();
layCable();

const planes = new Map<number, DataPlane>();

async function answer({ plane: number, what, args }: Asked): Promise<unknown> {
  if (what === 'create') {
    const plane = await createKernelPlane({
      interfaces: [CABLE],
      serversInterface: null,
      forwarding: { allow: 'all' },
      noRedirects: [CABLE],
      connections: 70_000,
      runFolder: null,
      pins: null,
      onTrouble: (message) => void process.stderr.write(`${message}\n`),
    });
    planes.set(number, plane);
    return undefined;
  }
  const plane = planes.get(number);
  if (!plane) throw new Error(`there is no plane ${number}`);
  return (plane[what] as (...args: unknown[]) => unknown).apply(plane, [...args]);
}

function reply(message: Answered): void {
  port.postMessage(message);
  Atomics.add(answered, 0, 1);
  Atomics.notify(answered, 0);
}

port.on('message', (asked: Asked) => {
  answer(asked).then(
    (result) => reply({ id: asked.id, result }),
    (error: Error & { code?: string }) =>
      reply({
        id: asked.id,
        error: { message: error.message, ...(error.code && { code: error.code }), stack: error.stack ?? '' },
      }),
  );
});
reply({ id: 0 });
