/** A stand-in for a Front End: SIP over TCP and TLS, HTTPS, and the port that tells that it is well. */
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Credentials } from './certificate.ts';
import { Listener } from './listener.ts';
import { okTo, type SipMessage, SipReader } from './sip.ts';
import { DOMAIN, type Ports, type ServerName } from './site.ts';

export interface FrontEndOptions {
  readonly name: ServerName;
  readonly address: string;
  readonly ports: Ports;
  readonly credentials: Credentials;
}

export class FrontEnd {
  readonly name: ServerName;
  readonly address: string;
  /** Requests answered; what the server itself can swear to. */
  answered = 0;
  readonly #options: FrontEndOptions;
  readonly #listeners: Listener[] = [];
  #control: Listener | null = null;

  private constructor(options: FrontEndOptions) {
    this.#options = options;
    this.name = options.name;
    this.address = options.address;
  }

  /** @throws what the system says, e.g. EADDRINUSE; nothing is left open then */
  static async open(options: FrontEndOptions): Promise<FrontEnd> {
    const made = new FrontEnd(options);
    const { ports, credentials } = options;
    try {
      await made.#listen(
        createServer((socket) => made.#talk(socket, 'tcp')),
        ports.sip,
      );
      await made.#listen(
        createTlsServer(credentials, (socket) => made.#talk(socket, 'tls')),
        ports.sipTls,
      );
      await made.#listen(made.#webServer(), ports.https);
      await made.mend();
      return made;
    } catch (error) {
      await made.close();
      throw error;
    }
  }

  /** The control port is shut; the other ports go on. */
  get failed(): boolean {
    return this.#control === null;
  }

  /** Shuts the control port, as a Front End's does whose service hangs while its SIP port still answers. */
  async fail(): Promise<void> {
    const control = this.#control;
    this.#control = null;
    await control?.close();
  }

  async mend(): Promise<void> {
    const { address, ports } = this.#options;
    this.#control ??= await Listener.open(createServer(), address, ports.control);
  }

  async close(): Promise<void> {
    await this.fail();
    await Promise.all(this.#listeners.map((listener) => listener.close()));
  }

  async #listen(server: Server, port: number): Promise<void> {
    // A health check connects and goes without a handshake.
    server.on('tlsClientError', () => {});
    this.#listeners.push(await Listener.open(server, this.address, port));
  }

  #talk(socket: Socket, transport: 'tcp' | 'tls'): void {
    const reader = new SipReader();
    socket.on('error', () => {});
    socket.on('data', (piece) => {
      try {
        for (const message of reader.take(piece)) socket.write(this.#answer(message, transport));
      } catch {
        socket.destroy();
      }
    });
  }

  #answer(message: SipMessage, transport: 'tcp' | 'tls'): string {
    this.answered++;
    const { ports } = this.#options;
    const port = transport === 'tls' ? ports.sipTls : ports.sip;
    return okTo(message, this.name, [
      ['Server', this.name],
      ['Contact', `<sip:${this.name}.${DOMAIN}:${port};transport=${transport}>`],
      ['Expires', '3600'],
    ]);
  }

  #webServer(): Server {
    return createHttpsServer(this.#options.credentials, (_request, response) => {
      this.answered++;
      response.writeHead(200, { server: this.name, 'content-type': 'text/plain', connection: 'close' });
      response.end(`The address book, as ${this.name} has it.\n`);
    });
  }
}
