/** A listening socket with the connections that came by it, so that it can be closed for good. */
import { once } from 'node:events';
import type { Server, Socket } from 'node:net';

export class Listener {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      // A health check, or a client that is gone, resets: an expected end.
      socket.on('error', () => {});
    });
  }

  /** @throws what the system says, e.g. EADDRINUSE */
  static async open(server: Server, host: string, port: number): Promise<Listener> {
    const listener = new Listener(server);
    server.listen({ host, port });
    await once(server, 'listening');
    return listener;
  }

  /** Connects are refused from now on, and what was open ends. Safe to call twice. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
