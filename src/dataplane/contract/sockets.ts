/** Real clients and real servers for the data plane's contract, on node:net, with promises for what happens to them. */
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A server that says who it is on connect, then does what the test wants with the socket. */
export interface TestServer {
  readonly port: number;
  readonly sockets: Socket[];
  accepted(): number;
  close(): Promise<void>;
}

export interface ServeOptions {
  readonly host: string;
  readonly port?: number;
  readonly greeting?: string;
  readonly onSocket?: (socket: Socket) => void;
}

export async function serve({ host, port = 0, greeting, onSocket }: ServeOptions): Promise<TestServer> {
  const sockets: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    if (greeting !== undefined) socket.write(greeting);
    if (onSocket) onSocket(socket);
    else socket.on('end', () => socket.end());
  });
  await listenOn(server, host, port);
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    sockets,
    accepted: () => sockets.length,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      if (server.listening) await once(server, 'close');
    },
  };
}

/**
 * A server that does not answer a SYN: it listens in a process that is stopped, and its queue is full, so the kernel
 * drops what comes (listen(2)).
 */
export async function deafServer(host: string, port: number): Promise<TestServer> {
  const listen = { host, port, backlog: 1 };
  const code = `require('net').createServer().listen(${JSON.stringify(listen)}, () => console.log('up'))`;
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.kill('SIGSTOP');
  const fillers: Socket[] = [];
  let answered = true;
  while (answered) {
    const socket = createConnection({ host, port });
    socket.on('error', () => {});
    fillers.push(socket);
    const quiet = AbortSignal.timeout(FULL_AFTER_MS);
    answered = await once(socket, 'connect', { signal: quiet }).then(
      () => true,
      () => false,
    );
  }
  return {
    port,
    sockets: [],
    accepted: () => 0,
    async close() {
      for (const socket of fillers) socket.destroy();
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

/** On loopback a connect is answered at once or not at all. */
const FULL_AFTER_MS = 300;

async function listenOn(server: Server, host: string, port: number): Promise<void> {
  server.listen({ host, port, backlog: 1024 });
  await once(server, 'listening');
}

/** What became of a client: its words read so far, and how it ended. */
export interface TestClient {
  readonly socket: Socket;
  /** Resolves when as many bytes have come. */
  received(bytes: number): Promise<Buffer>;
  /** `end` after an orderly close, else the error code, e.g. `ECONNRESET`. */
  readonly ended: Promise<string>;
}

/**
 * @param from the client's address, one of 127/8; the system's choice if not given
 * @throws the connect's error, e.g. with code ECONNREFUSED
 */
export async function dial(host: string, port: number, from?: string): Promise<TestClient> {
  const local = from === undefined ? {} : { localAddress: from };
  const socket = createConnection({ host, port, allowHalfOpen: true, ...local });
  const ended = new Promise<string>((resolve) => {
    socket.on('end', () => resolve('end'));
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
    socket.on('close', () => resolve('close'));
  });
  await once(socket, 'connect');
  const chunks: Buffer[] = [];
  let length = 0;
  let check: (() => void) | undefined;
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    length += chunk.length;
    check?.();
  });
  return {
    socket,
    ended,
    received(bytes) {
      return new Promise((resolve, reject) => {
        check = () => {
          if (length >= bytes) resolve(Buffer.concat(chunks));
        };
        void ended.then((how) => reject(new Error(`ended by ${how} after ${length} bytes`)));
        if (length >= bytes) resolve(Buffer.concat(chunks));
      });
    },
  };
}

/** The end of a server's socket: `end`, or the error's code. */
export function endOf(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    socket.on('end', () => resolve('end'));
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
    socket.on('close', () => resolve('close'));
    socket.resume();
  });
}
