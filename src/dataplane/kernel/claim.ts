/**
 * One kernel data plane in a network namespace: a second one would take the place of the first one's programs and table.
 * Whoever has the name of an abstract socket has the claim (unix(7)): such names are the namespace's own, need no file, and
 * are free again when the process ends, however it ends.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { PoolgateError } from '../../lib/errors.ts';

const NAME = '\0poolgate-kernel-data-plane';

export interface Claim {
  /** Safe to call twice. */
  close(): void;
}

/** @throws PoolgateError PLANE_UNAVAILABLE when another process has it */
export async function claimNetwork(): Promise<Claim> {
  // Nobody is to talk to it.
  const server = createServer((socket) => socket.destroy());
  try {
    server.listen(NAME);
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    const message = 'Another Poolgate runs the kernel data plane in this network.';
    const hint = 'Stop it first (`ss -xlp | grep poolgate-kernel` shows its pid), or write dataPlane: proxy.';
    throw new PoolgateError('PLANE_UNAVAILABLE', message, { hint, cause: error });
  }
  server.unref();
  return { close: () => void server.close() };
}
