import { readdirSync, readlinkSync } from 'node:fs';
import { CLONE_FILES, EFD_CLOEXEC, EFD_NONBLOCK, errno, errorText, sys } from './libc.ts';

/**
 * Gives the calling thread a descriptor table of its own (unshare(2), CLONE_FILES), so that the limit on open descriptors
 * (RLIMIT_NOFILE) holds for each worker by itself and not for all of them together.
 *
 * The new table starts as a copy. Copied sockets are closed in it: while a copy is open here, closing the socket in
 * the control thread would neither tell its peer nor free its port. All else stays, for V8 and libuv need it: whoever
 * has something to tell another thread of the process writes to the descriptor of its event loop, and libuv aborts the
 * process when that fails. For the same reason this is to be called when all workers run, whose event loops are then
 * in every copy, and {@link standInForOthers} before the thread ends.
 * @throws Error with the system's words
 */
export function ownDescriptorTable(): void {
  if (sys.unshare(CLONE_FILES) < 0) throw new Error(`unshare: ${errorText(errno())}`);
  for (const fd of readdirSync(TABLE)) if (isSocket(fd)) sys.close(Number(fd));
}

/**
 * While an isolate is torn down it may want to wake the event loop of a thread that is younger than this table (shared
 * compiled code is let go of). What it writes there has no effect on us and may have none at all; but it must succeed.
 * So each number that the control thread's table has and this one lacks becomes an eventfd that nobody reads.
 */
export function standInForOthers(): void {
  const own = new Set(readdirSync(TABLE));
  const dummy = sys.eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  for (const fd of readdirSync(`/proc/${process.pid}/fd`)) if (!own.has(fd)) sys.dup2(dummy, Number(fd));
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
