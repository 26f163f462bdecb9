/** Listeners of planted servers, on ports that the system chooses. They share nothing with the code under test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket, type RemoteInfo } from 'node:dgram';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions, type TLSSocket } from 'node:tls';

export const HOST = '127.0.0.1';

export interface Planted {
  readonly port: number;
  close(): void;
}

/** Starts a server that behaves in one particular way. */
export type Plant = () => Promise<Planted>;

export function onTcp(behave: (socket: Socket) => void): Plant {
  return () => {
    const sockets = new Set<Socket>();
    const server = createServer({ noDelay: true }, (socket) => {
      keep(sockets, socket);
      behave(socket);
    });
    return listening(server, sockets);
  };
}

export function onTls(options: () => TlsOptions, behave: (socket: TLSSocket) => void = () => {}): Plant {
  return () => {
    const sockets = new Set<Socket>();
    const server = createTlsServer(options(), behave);
    server.on('connection', (socket: Socket) => keep(sockets, socket));
    server.on('secureConnection', (socket: TLSSocket) => socket.on('error', () => {}));
    server.on('tlsClientError', () => {});
    return listening(server, sockets);
  };
}

export function onUdp(
  behave: (datagram: Buffer, from: RemoteInfo, send: (answer: Buffer) => void) => void,
): Plant {
  return async () => {
    const socket = createSocket('udp4');
    socket.on('message', (datagram, from) =>
      behave(datagram, from, (answer) => socket.send(answer, from.port, from.address)),
    );
    await new Promise<void>((done) => socket.bind(0, HOST, done));
    return { port: socket.address().port, close: () => socket.close() };
  };
}

/**
 * A port on which nobody listens, and nobody else can meanwhile: it is the near end of a connection that stands. A port
 * that was merely given back might be the next one that the system gives to somebody.
 */
export const nobody: Plant = async () => {
  const far = await onTcp(() => {})();
  const near = connect(far.port, HOST);
  near.on('error', () => {});
  await new Promise<void>((done) => near.once('connect', done));
  const close = (): void => {
    near.destroy();
    far.close();
  };
  return { port: near.localPort ?? 0, close };
};

/** The same by UDP: a connected socket hears its peer alone, and everybody else is told that the port is closed. */
export const nobodyByUdp: Plant = async () => {
  const far = await onUdp(() => {})();
  const near = createSocket('udp4');
  await new Promise<void>((done) => near.connect(far.port, HOST, done));
  const close = (): void => {
    near.close();
    far.close();
  };
  return { port: near.address().port, close };
};

/** A port on which the kernel drops every SYN: a process that listens, never accepts, and whose queue is full. */
export const blackHole: Plant = async () => {
  const child: ChildProcess = spawn(process.execPath, ['-e', DEAF], { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await new Promise<number>((done) => child.stdout?.once('data', (d) => done(Number(d))));
  const fillers = [connect(port, HOST), connect(port, HOST)];
  await Promise.all(fillers.map((f) => new Promise((done) => f.once('connect', done))));
  const close = (): void => {
    for (const filler of fillers) filler.destroy();
    child.kill('SIGKILL');
  };
  return { port, close };
};

const DEAF = `const s = require('node:net').createServer();
s.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  require('node:fs').writeSync(1, String(s.address().port));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});`;

function keep(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket);
  socket.on('close', () => sockets.delete(socket));
  socket.on('error', () => {});
}

async function listening(server: Server, sockets: ReadonlySet<Socket>): Promise<Planted> {
  await new Promise<void>((done) => server.listen(0, HOST, done));
  const address = server.address();
  const close = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { port: typeof address === 'object' && address ? address.port : 0, close };
}
