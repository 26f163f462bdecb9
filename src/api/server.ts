/**
 * The socket of the admin API. It is bound before any traffic starts, so that a second instance fails cleanly, and
 * answers 503 until it is given the API. Nobody, with or without a token, can hold a connection by being slow.
 */
import { type Server, createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { PoolgateError } from '../lib/errors.ts';
import { HttpRefusal, problemResponse, toProblem } from './problem.ts';

export interface AdminServer {
  /** As bound: with `port: 0` asked for, this is the one that the system chose. */
  readonly host: string;
  readonly port: number;
  /** From now on requests go there. */
  serve(fetch: Fetch): void;
  /** Stops listening and ends every connection, streams included. Safe to call twice. */
  close(): Promise<void>;
}

export type Fetch = (request: Request, env?: object) => Response | Promise<Response>;

export interface ServerLimits {
  /** From the first byte, or from accept, until the headers are complete. */
  readonly headersMs: number;
  /** The same until the body is complete. */
  readonly requestMs: number;
  /** A connection that neither sends nor takes a byte. Event streams have heartbeats and live on. */
  readonly silentMs: number;
  readonly connections: number;
}

export const SERVER_LIMITS: ServerLimits = {
  headersMs: 5000,
  requestMs: 15_000,
  silentMs: 40_000,
  connections: 256,
};

/** @throws PoolgateError ADDRESS_IN_USE, ADDRESS_MISSING, ADDRESS_FORBIDDEN, SYSTEM */
export async function listenAdmin(
  address: { readonly host: string; readonly port: number },
  limits: ServerLimits = SERVER_LIMITS,
): Promise<AdminServer> {
  let fetch: Fetch = starting;
  const listener = getRequestListener((request, env) => fetch(request, env), {
    overrideGlobalObjects: false,
    // Only what could not be made a request comes here: a broken Host header or target.
    errorHandler: () =>
      problemResponse(new HttpRefusal(400, 'BAD_REQUEST', 'The request is not valid HTTP.')),
  });
  const server = createServer(httpOptions(limits), (incoming, outgoing) => void listener(incoming, outgoing));
  server.on('checkExpectation', (incoming, outgoing) => void listener(incoming, outgoing));
  guard(server, limits);
  await bind(server, address);
  const bound = server.address() as AddressInfo;
  return {
    host: bound.address,
    port: bound.port,
    serve(next) {
      fetch = next;
    },
    close: () => closeServer(server),
  };
}

function httpOptions(limits: ServerLimits) {
  return {
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.headersMs,
    connectionsCheckingInterval: Math.min(1000, limits.headersMs),
    maxHeaderSize: 16 * 1024,
    keepAlive: true,
    // Node's own refusals of a request without Host and of an unknown Expect have no body; ours have.
    requireHostHeader: false,
  };
}

function guard(server: Server, limits: ServerLimits): void {
  server.maxConnections = limits.connections;
  server.timeout = limits.silentMs;
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => refuseMalformed(error, socket));
}

/** Bytes that are no HTTP, or too many, or too slow: one answer, and the connection ends. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable || socket.bytesWritten > 0) {
    socket.destroy();
    return;
  }
  const [status, text] = MALFORMED[error.code ?? ''] ?? [400, 'The request is not valid HTTP.'];
  const problem = toProblem(new HttpRefusal(status, 'BAD_REQUEST', text));
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${status} ${problem.title}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}

const MALFORMED: Readonly<Record<string, readonly [number, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'The headers are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request took too long to arrive.'],
};

function bind(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(bindError(error, host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`)),
    );
    server.listen({ host, port, backlog: 128 }, resolve);
  });
}

function bindError(error: NodeJS.ErrnoException, address: string): PoolgateError {
  const options = { cause: error };
  switch (error.code) {
    case 'EADDRINUSE':
      return new PoolgateError(
        'ADDRESS_IN_USE',
        `The admin address ${address} is taken by another program.`,
        {
          ...options,
          hint: 'Another Poolgate may be running (`poolgate status`); `ss -ltnp` names the program. Or change admin.listen.',
        },
      );
    case 'EADDRNOTAVAIL':
      return new PoolgateError(
        'ADDRESS_MISSING',
        `This machine does not have the admin address ${address}.`,
        options,
      );
    case 'EACCES':
      return new PoolgateError(
        'ADDRESS_FORBIDDEN',
        `The admin address ${address} may not be bound.`,
        options,
      );
    default:
      return new PoolgateError(
        'SYSTEM',
        `Cannot listen on the admin address ${address}: ${error.message}`,
        options,
      );
  }
}

function starting(request: Request): Response {
  if (new URL(request.url).pathname === '/healthz') return Response.json({ ready: false }, { status: 503 });
  return problemResponse(new PoolgateError('STARTING', 'The balancer is starting.'));
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
