/**
 * For tests: a program in a namespace that opens and answers connections as it is told over Node's channel to its
 * parent. Servers greet with the addresses as they see them, and echo.
 */
import { createSocket } from 'node:dgram';
import { createServer, connect as dial, type Socket } from 'node:net';

export interface Held {
  readonly id: number;
  /** The client's own address and port. */
  readonly local: string;
  readonly localPort: number;
  /** `PEER PEER_PORT LOCAL LOCAL_PORT` as the server sees them; null: no connection. */
  readonly greeting: string | null;
  /** The error's code, e.g. ECONNREFUSED. */
  readonly error: string | null;
}

const held: { socket: Socket; state: string }[] = [];

export const operations = {
  async serve({ host, ports }: { host: string; ports: number[] }): Promise<null> {
    await Promise.all(ports.flatMap((port) => [serveTcp(host, port), serveUdp(host, port)]));
    return null;
  },

  connect({ host, port, localPort }: { host: string; port: number; localPort?: number }): Promise<Held> {
    return new Promise((resolve) => {
      const socket = dial({ host, port, ...(localPort ? { localPort } : {}) });
      const entry = { socket, state: 'open' };
      const id = held.push(entry) - 1;
      const settle = (greeting: string | null, error: string | null): void =>
        resolve({ id, local: socket.localAddress ?? '', localPort: socket.localPort ?? 0, greeting, error });
      socket.once('data', (data) => settle(String(data).trim(), null));
      socket.on('error', (error: NodeJS.ErrnoException) => {
        entry.state = error.code ?? 'error';
        settle(null, entry.state);
      });
      socket.on('end', () => {
        if (entry.state === 'open') entry.state = 'ended';
      });
    });
  },

  /** How many of these answered within 5 s. */
  async echo({ ids }: { ids: number[] }): Promise<number> {
    const answers = await Promise.all(ids.map((id) => echoOnce(held[id]?.socket)));
    return answers.filter(Boolean).length;
  },

  /** `open`, `ended`, or the code of the error that ended it. */
  async states({ ids }: { ids: number[] }): Promise<string[]> {
    return ids.map((id) => held[id]?.state ?? 'unknown');
  },

  /** What a server says to a datagram; null: nothing within a second. */
  datagram({
    host,
    port,
    localPort,
  }: {
    host: string;
    port: number;
    localPort?: number;
  }): Promise<string | null> {
    return new Promise((resolve) => {
      const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
      const done = (said: string | null): void => {
        clearTimeout(late);
        socket.close();
        resolve(said);
      };
      const late = setTimeout(done, 1000, null);
      socket.once('message', (message) => done(String(message)));
      socket.once('error', () => done('error'));
      socket.bind(localPort ?? 0, () => socket.send('hello', port, host));
    });
  },

  async close({ ids }: { ids: number[] }): Promise<null> {
    for (const id of ids) held[id]?.socket.destroy();
    return null;
  },
};

export type Operations = typeof operations;

/** Connections that the server side holds, by the peer's `ADDRESS PORT`, to how each ended. */
const served = new Map<string, string>();

export const servedStates = async (): Promise<Record<string, string>> => Object.fromEntries(served);

function serveTcp(host: string, port: number): Promise<void> {
  const server = createServer((socket) => {
    const peer = `${socket.remoteAddress} ${socket.remotePort}`;
    served.set(peer, 'open');
    socket.on('error', (error: NodeJS.ErrnoException) => served.set(peer, error.code ?? 'error'));
    socket.on('end', () => served.set(peer, 'ended'));
    socket.write(`${peer} ${socket.localAddress} ${socket.localPort}\n`);
    socket.pipe(socket);
  });
  return new Promise((resolve) => void server.listen({ host, port, backlog: 1000 }, resolve));
}

function serveUdp(host: string, port: number): Promise<void> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', (_, from) =>
    socket.send(`${from.address} ${from.port} ${host} ${port}`, from.port, from.address),
  );
  return new Promise((resolve) => void socket.bind(port, host, resolve));
}

function echoOnce(socket: Socket | undefined): Promise<boolean> {
  return new Promise((resolve) => {
    if (!socket || socket.destroyed) return void resolve(false);
    const late = setTimeout(resolve, 5000, false);
    socket.once('data', () => {
      clearTimeout(late);
      resolve(true);
    });
    socket.write('echo\n');
  });
}

interface Call {
  readonly id: number;
  readonly operation: string;
  readonly argument: never;
}

process.on('message', (call: Call) => {
  const all: Record<string, (argument: never) => Promise<unknown>> = { ...operations, servedStates };
  void Promise.resolve(all[call.operation]?.(call.argument)).then((result) =>
    process.send?.({ id: call.id, result }),
  );
});
process.on('disconnect', () => process.exit());
process.send?.({ id: 0 });
