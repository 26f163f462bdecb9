import { readdirSync, readlinkSync } from 'node:fs';
import { CLONE_FILES, errno, errorText, sys } from './libc.ts';

/**
 * Gives the calling thread a descriptor table of its own (unshare(2), CLONE_FILES), so that the limit on open descriptors
 * (RLIMIT_NOFILE) holds for each worker by itself and not for all of them together. To be called before the thread
 * opens anything.
 *
 * The new table starts as a copy. Copied sockets are closed in it: while a copy is open here, closing the socket in
 * the control thread would neither tell its peer nor free its port. Whatever else there is stays, for the thread's own
 * event loop and the process's signal pipe are among it.
 * @throws Error with the system's words
 */
export function ownDescriptorTable(): void {
  if (sys.unshare(CLONE_FILES) < 0) throw new Error(`unshare: ${errorText(errno())}`);
  for (const fd of readdirSync(TABLE)) if (isSocket(fd)) sys.close(Number(fd));
}

const TABLE = '/proc/thread-self/fd';

function isSocket(fd: string): boolean {
  try {
    return readlinkSync(`${TABLE}/${fd}`).startsWith('socket:');
  } catch {
    // The descriptor that the listing itself was read by.
    return false;
  }
}
