/** STUN clients: many UDP sockets that each ask for their own address (RFC 8489), inside an agent. */
import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

export interface StunArgument {
  readonly host: string;
  readonly port: number;
  readonly count: number;
  /** Addresses of this machine that the clients come from, in turn. */
  readonly from: readonly string[];
}

export interface StunState {
  /** `ADDRESS:PORT` of the client's socket. */
  readonly local: string;
  /** `ADDRESS:PORT` as the server saw it, or null when no answer came. */
  readonly seen: string | null;
}

const BINDING_REQUEST = 0x0001;
const BINDING_SUCCESS = 0x0101;
const COOKIE = 0x2112a442;
const XOR_MAPPED_ADDRESS = 0x0020;
/** As a STUN client does: the datagram or its answer may be lost. RFC 8489 section 6.2.1 begins with 500 ms. */
const RESEND_MS = [500, 1000, 2000];
/** Open requests at a time: a burst of more would overrun somebody's queue, which is not what is tried here. */
const AT_ONCE = 100;

const sockets: Socket[] = [];

/** Opens sockets and asks once on each; they stay open. */
export async function stunOpen({ host, port, count, from }: StunArgument): Promise<StunState[]> {
  const states: StunState[] = [];
  for (let i = 0; i < count; i += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - i) }, (_, n) => from[(i + n) % from.length]);
    const opened = await Promise.all(some.map((address) => openSocket(address, host, port)));
    sockets.push(...opened);
    states.push(...(await Promise.all(opened.map(ask))));
  }
  return states;
}

/** Asks again on every open socket, oldest first. */
export async function stunAgain(): Promise<StunState[]> {
  const states: StunState[] = [];
  for (let i = 0; i < sockets.length; i += AT_ONCE) {
    states.push(...(await Promise.all(sockets.slice(i, i + AT_ONCE).map(ask))));
  }
  return states;
}

export async function stunClose(): Promise<void> {
  await Promise.all(
    sockets.splice(0).map((socket) => {
      socket.close();
      return once(socket, 'close');
    }),
  );
}

async function openSocket(address: string | undefined, host: string, port: number): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, address);
  await once(socket, 'listening');
  // Connected, so that an answer from anywhere else than the VIP and port is not heard.
  socket.connect(port, host);
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  return socket;
}

async function ask(socket: Socket): Promise<StunState> {
  const { address, port } = socket.address();
  const id = randomBytes(12);
  const request = Buffer.alloc(20);
  request.writeUInt16BE(BINDING_REQUEST, 0);
  request.writeUInt32BE(COOKIE, 4);
  id.copy(request, 8);
  for (const wait of RESEND_MS) {
    socket.send(request);
    const seen = await answer(socket, id, wait);
    if (seen !== null) return { local: `${address}:${port}`, seen };
  }
  return { local: `${address}:${port}`, seen: null };
}

function answer(socket: Socket, id: Buffer, waitMs: number): Promise<string | null> {
  return new Promise((resolve) => {
    const over = (seen: string | null): void => {
      clearTimeout(late);
      socket.off('message', hear);
      resolve(seen);
    };
    const hear = (message: Buffer): void => {
      if (
        message.length >= 20 &&
        message.readUInt16BE(0) === BINDING_SUCCESS &&
        message.subarray(8, 20).equals(id)
      )
        over(mappedAddress(message) ?? '');
    };
    const late = setTimeout(() => over(null), waitMs);
    socket.on('message', hear);
  });
}

/** XOR-MAPPED-ADDRESS of IPv4 (RFC 8489 section 14.2). */
function mappedAddress(message: Buffer): string | null {
  for (let at = 20; at + 4 <= message.length; ) {
    const [type, length] = [message.readUInt16BE(at), message.readUInt16BE(at + 2)];
    if (type === XOR_MAPPED_ADDRESS && length === 8 && at + 12 <= message.length) {
      const port = message.readUInt16BE(at + 6) ^ (COOKIE >>> 16);
      const address = (message.readUInt32BE(at + 8) ^ COOKIE) >>> 0;
      return `${[24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.')}:${port}`;
    }
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return null;
}
