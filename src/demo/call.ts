/** What a client does: connect to the VIP, ask, and hear who answers. It knows the VIP and the pool's name, no server. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { get } from 'node:https';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { request, type SipMessage, SipReader } from './sip.ts';
import { DOMAIN, isServerName, POOL_FQDN, type Ports, type ServerName, VIP } from './site.ts';

export type Protocol = 'sip' | 'sipTls' | 'https';

export interface Dial {
  readonly ports: Ports;
  /** What TLS clients trust, PEM. */
  readonly ca: string;
}

/** Far longer than anything here takes; a client that waits for ever would only hide a failure. */
const PATIENCE_MS = 5000;

/** One request on a connection of its own; resolves when both ends are closed. @throws Error when it is not answered */
export async function callOnce(protocol: Protocol, dial: Dial): Promise<ServerName> {
  if (protocol === 'https') return fetchPage(dial);
  const { socket, server } = await openSip('OPTIONS', protocol, 'anyone', dial);
  const closed = once(socket, 'close');
  socket.end();
  await closed;
  return server;
}

export interface SipConnection {
  /** Open; errors on it are swallowed, its `close` event tells of every end. */
  readonly socket: Socket;
  readonly server: ServerName;
}

/** Connects, asks and is answered; the connection stays. @throws Error when it is not answered */
export async function openSip(
  method: 'OPTIONS' | 'REGISTER',
  protocol: 'sip' | 'sipTls',
  user: string,
  dial: Dial,
): Promise<SipConnection> {
  const socket = protocol === 'sip' ? dialTcp(dial) : dialTls(dial);
  try {
    await patiently(socket, once(socket, protocol === 'sip' ? 'connect' : 'secureConnect'));
    const transport = protocol === 'sip' ? 'TCP' : 'TLS';
    const from = `${socket.localAddress}:${socket.localPort}`;
    const id = randomBytes(8).toString('hex');
    socket.write(request({ method, user, domain: DOMAIN, transport, from, id }));
    const server = await patiently(socket, answerOn(socket));
    if (protocol === 'sipTls') mustBeOf(server, socket as TLSSocket);
    socket.on('error', () => {});
    return { socket, server };
  } catch (error) {
    socket.on('error', () => {});
    socket.destroy();
    throw error;
  }
}

function dialTcp({ ports }: Dial): Socket {
  return connectTcp({ host: VIP, port: ports.sip });
}

function dialTls({ ports, ca }: Dial): TLSSocket {
  return connectTls({ host: VIP, port: ports.sipTls, servername: POOL_FQDN, ca });
}

/** The server that the first answer comes from. */
function answerOn(socket: Socket): Promise<ServerName> {
  const reader = new SipReader();
  return new Promise((resolve, reject) => {
    socket.on('data', (piece) => {
      try {
        const [answer] = reader.take(piece);
        if (answer) resolve(whoSays(answer));
      } catch (error) {
        reject(error as Error);
      }
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('ended without an answer')));
  });
}

function whoSays(answer: SipMessage): ServerName {
  if (!answer.startLine.startsWith('SIP/2.0 200')) throw new Error(`answered ${answer.startLine}`);
  return named(answer.headers.get('server'));
}

function fetchPage({ ports, ca }: Dial): Promise<ServerName> {
  return new Promise((resolve, reject) => {
    const options = { host: VIP, port: ports.https, servername: POOL_FQDN, ca, agent: false };
    const asked = get({ ...options, headers: { host: POOL_FQDN }, timeout: PATIENCE_MS }, (response) => {
      const socket = response.socket as TLSSocket;
      try {
        const server = named(response.headers.server);
        mustBeOf(server, socket);
        socket.on('close', () => (response.complete ? resolve(server) : reject(new Error('cut short'))));
      } catch (error) {
        reject(error as Error);
      }
      response.resume();
    });
    asked.on('timeout', () => asked.destroy(new Error('no answer in time')));
    asked.on('error', reject);
  });
}

function named(server: unknown): ServerName {
  if (isServerName(server)) return server;
  throw new Error(`answered by ${String(server ?? 'somebody without a name')}`);
}

/** TLS passes through the balancer, so the certificate is that of the server that answers. */
function mustBeOf(server: ServerName, socket: TLSSocket): void {
  const { subjectaltname = '' } = socket.getPeerCertificate();
  if (subjectaltname.split(', ').includes(`DNS:${server}.${DOMAIN}`)) return;
  throw new Error(`${server} answered under the certificate of ${subjectaltname}`);
}

async function patiently<T>(socket: Socket, waited: Promise<T>): Promise<T> {
  const timer = setTimeout(() => socket.destroy(new Error('no answer in time')), PATIENCE_MS);
  return waited.finally(() => clearTimeout(timer));
}
