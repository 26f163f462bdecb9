/** The inside of an agent: a Node process in a namespace that does what the lab asks over its IPC channel. */
import { flushCompileCache } from 'node:module';

// biome-ignore lint/suspicious/noExplicitAny: each operation has its own argument; callers see its real type
export type Operations = Record<string, (argument: any) => unknown>;

export interface Request {
  readonly id: number;
  readonly operation: string;
  readonly argument: unknown;
}

export interface Reply {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** Answers requests until the lab goes away; then the process ends, so that a crashed run leaves no agent behind. */
export function serve(operations: Operations): void {
  process.on('message', (request: Request) => {
    void answer(operations, request).then((reply) => process.send?.(reply));
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.({ id: 0 } satisfies Reply);
  // An agent is ended by a signal, at which nothing would be kept for the next one.
  flushCompileCache();
}

async function answer(operations: Operations, request: Request): Promise<Reply> {
  try {
    const operation = operations[request.operation];
    if (!operation) throw new Error(`no operation ${request.operation}`);
    return { id: request.id, result: await operation(request.argument) };
  } catch (error) {
    return { id: request.id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
