/** Ways of talking that planted servers have in common. */
import type { Socket } from 'node:net';

/** Waits for a whole request, as far as the empty line, then answers. */
export function whenAsked(answer: (request: string, socket: Socket) => void): (socket: Socket) => void {
  return (socket) => {
    let request = '';
    socket.on('data', (bytes: Buffer) => {
      const before = request.includes('\r\n\r\n');
      request += bytes.toString('latin1');
      if (!before && request.includes('\r\n\r\n')) answer(request, socket);
    });
  };
}

/** Says this to whoever asks, and ends. */
export function says(text: string | Buffer): (socket: Socket) => void {
  return whenAsked((_, socket) => socket.end(text));
}

/** Says this and goes on listening. */
export function saysAndStays(text: string | Buffer): (socket: Socket) => void {
  return whenAsked((_, socket) => void socket.write(text));
}

/** Writes the same again and again, as fast as it is read, after something said first. */
export function endlessly(socket: Socket, piece: string, first = ''): void {
  const bytes = Buffer.from(piece.repeat(Math.ceil(16_384 / piece.length)));
  const more = (): void => {
    while (socket.writable && socket.write(bytes));
  };
  socket.write(first);
  socket.on('drain', more);
  more();
}

/** A byte every few milliseconds; the last one comes only if there is an end to it. */
export function drip(socket: Socket, text: string | Buffer, everyMs = 5): void {
  const bytes = Buffer.from(text);
  let at = 0;
  const timer = setInterval(() => {
    if (at < bytes.length && socket.writable) socket.write(bytes.subarray(at, ++at));
    else clearInterval(timer);
  }, everyMs);
  socket.on('close', () => clearInterval(timer));
}
