/** Real clients and servers for the contract of UDP, on node:dgram. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';

/** A server that says its name to `?`, sends everything else back, and keeps who spoke to it. */
export interface UdpServer {
  readonly socket: Socket;
  /** `ADDRESS:PORT` of everybody who sent something, once each. */
  readonly peers: ReadonlyMap<string, RemoteInfo>;
  close(): Promise<void>;
}

export async function serveUdp(name: string, host: string, port: number): Promise<UdpServer> {
  const socket = await bound(host, port);
  const peers = new Map<string, RemoteInfo>();
  socket.on('message', (message, from) => {
    peers.set(`${from.address}:${from.port}`, from);
    socket.send(message.toString() === '?' ? name : message, from.port, from.address);
  });
  return { socket, peers, close: () => closed(socket) };
}

export interface UdpClient {
  /** `ADDRESS:PORT`. */
  readonly local: string;
  /** Sends and waits for the next datagram from there; an error of the socket (ECONNREFUSED) rejects. */
  ask(message: string | Uint8Array): Promise<Buffer>;
  send(message: string | Uint8Array): void;
  /** The next datagram from there. */
  next(): Promise<Buffer>;
  close(): Promise<void>;
}

/** A connected socket: it hears nothing but what comes from exactly where it sends to. */
export async function dialUdp(host: string, port: number): Promise<UdpClient> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  socket.connect(port, host);
  await once(socket, 'connect');
  const arrived: Buffer[] = [];
  const failed: Error[] = [];
  let wake: (() => void) | undefined;
  socket.on('message', (message) => {
    arrived.push(message);
    wake?.();
  });
  socket.on('error', (error) => {
    failed.push(error);
    wake?.();
  });
  async function next(): Promise<Buffer> {
    while (arrived.length === 0 && failed.length === 0) {
      await new Promise<void>((resolve) => (wake = resolve));
    }
    const error = failed.shift();
    if (error) throw error;
    return arrived.shift() ?? Buffer.alloc(0);
  }
  const send = (message: string | Uint8Array): void => socket.send(message);
  const { address, port: local } = socket.address();
  return {
    local: address.includes(':') ? `[${address}]:${local}` : `${address}:${local}`,
    next,
    send,
    ask(message) {
      send(message);
      return next();
    },
    close: () => closed(socket),
  };
}

async function bound(host: string, port: number): Promise<Socket> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  socket.bind(port, host);
  await once(socket, 'listening');
  return socket;
}

const over = new WeakSet<Socket>();

/** Safe to call twice. */
async function closed(socket: Socket): Promise<void> {
  if (over.has(socket)) return;
  over.add(socket);
  socket.close();
  await once(socket, 'close');
}
