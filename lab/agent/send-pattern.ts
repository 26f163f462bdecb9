import type { Socket } from 'node:net';
import { patternAt } from './pattern.ts';

/** Sends `length` bytes of the pattern as fast as the other end takes them, then calls back. */
export function sendPattern(socket: Socket, length: number, done: () => void): void {
  let sent = 0;
  const push = (): void => {
    while (sent < length) {
      if (socket.destroyed) return;
      const piece = patternAt(sent, length - sent);
      sent += piece.length;
      if (!socket.write(piece)) {
        socket.once('drain', push);
        return;
      }
    }
    done();
  };
  push();
}
