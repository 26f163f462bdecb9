import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { asyncProperty, check, constantFrom, oneof, record, string, webPath } from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { createApi } from './app.ts';
import { createStreams } from './event-stream.ts';
import { fakeController } from './fake-controller.ts';
import { type AdminServer, SERVER_LIMITS, type ServerLimits, listenAdmin } from './server.ts';
import { createTokens } from './tokens.ts';

const QUICK: ServerLimits = { headersMs: 300, requestMs: 500, silentMs: 1000, connections: 8 };
const AUTHORIZATION = { authorization: 'Bearer secret' };
const servers: AdminServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function listen(limits: ServerLimits) {
  const controller = fakeController();
  const tokens = createTokens([{ name: 'admin', role: 'admin', secret: 'secret' }]);
  const streams = createStreams({ streams: 4, bufferBytes: 64 * 1024, heartbeatMs: 1000 });
  const quiet = { info: () => {}, warn: () => {}, error: () => {} };
  const api = createApi({
    controller,
    tokens,
    metrics: async () => ({ contentType: 'text/plain', body: '' }),
    log: quiet,
    streams,
  });
  const server = await listenAdmin({ host: '127.0.0.1', port: 0 }, limits);
  servers.push(server);
  return { server, controller, streams, api, url: `http://127.0.0.1:${server.port}` };
}

async function start(limits = SERVER_LIMITS) {
  const all = await listen(limits);
  all.server.serve(all.api.fetch);
  return all;
}

function dial(server: AdminServer): { socket: Socket; ended: Promise<string> } {
  const socket = connect(server.port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => {});
  return { socket, ended: once(socket, 'close').then(() => Buffer.concat(chunks).toString('latin1')) };
}

test('answers 503 until it is given the API, and then serves it', async () => {
  const { server, api, url } = await listen(SERVER_LIMITS);
  expect((await fetch(`${url}/healthz`)).status).toBe(503);
  const early = await fetch(`${url}/api/v1/status`, { headers: AUTHORIZATION });
  expect([early.status, await early.json()]).toMatchObject([503, { code: 'STARTING' }]);
  server.serve(api.fetch);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect((await fetch(`${url}/api/v1/status`)).status).toBe(401);
  expect((await fetch(`${url}/api/v1/status`, { headers: AUTHORIZATION })).status).toBe(200);
});

test('a second one on the same port fails with what to do', async () => {
  const { server } = await start();
  await expect(listenAdmin({ host: '127.0.0.1', port: server.port })).rejects.toMatchObject({
    code: 'ADDRESS_IN_USE',
    hint: expect.stringContaining('ss -ltnp'),
  });
});

test('an address that this machine does not have is named', async () => {
  await expect(listenAdmin({ host: '192.0.2.1', port: 0 })).rejects.toMatchObject({
    code: 'ADDRESS_MISSING',
  });
});

test('clients that send nothing, half a header, or half a body are let go', async () => {
  const { server } = await start(QUICK);
  const silent = dial(server);
  const half = dial(server);
  half.socket.write('GET /healthz HTTP/1.1\r\nHost: local');
  const body = dial(server);
  body.socket.write('POST /api/v1/plan HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer secret\r\n');
  body.socket.write('Content-Type: application/yaml\r\nContent-Length: 100\r\n\r\nversion');
  const idle = dial(server);
  idle.socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
  expect(await silent.ended).not.toContain('200 OK');
  expect(await half.ended).toContain('408');
  await body.ended;
  expect(await idle.ended).toContain('200 OK');
});

test('a client that drips a byte at a time is let go', async () => {
  const { server } = await start(QUICK);
  const drip = dial(server);
  const timer = setInterval(() => drip.socket.write('x'), 50);
  drip.socket.write('GET /healthz HTTP/1.1\r\nX-Pad: ');
  expect(await drip.ended).toContain('408');
  clearInterval(timer);
});

test('connections beyond the limit are closed, and room returns', async () => {
  const { server, url } = await start(QUICK);
  const held = Array.from({ length: QUICK.connections }, () => dial(server));
  await Promise.all(held.map(({ socket }) => once(socket, 'connect')));
  const extra = dial(server);
  expect(await extra.ended).toBe('');
  for (const { socket } of held) socket.destroy();
  await expect
    .poll(() =>
      fetch(`${url}/healthz`).then(
        (r) => r.status,
        () => 0,
      ),
    )
    .toBe(200);
});

test('bodies come whole, and too large ones are refused before they are all there', async () => {
  const { controller, url } = await start();
  const post = (body: string | ReadableStream) => {
    const headers = { ...AUTHORIZATION, 'content-type': 'application/yaml' };
    return fetch(`${url}/api/v1/plan`, { method: 'POST', headers, body, duplex: 'half' } as RequestInit);
  };
  const config = `# ${'é'.repeat(100_000)}\n`;
  expect((await post(config)).status).toBe(200);
  expect(controller.asked).toEqual([`plan ${config}`]);
  expect((await post(new Blob(['x'.repeat(2 * 1024 * 1024)]).stream())).status).toBe(413);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

test('events come as they happen; a client that leaves is forgotten', async () => {
  const { controller, streams, url } = await start();
  const client = new AbortController();
  const response = await fetch(`${url}/api/v1/events`, { headers: AUTHORIZATION, signal: client.signal });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  controller.emit({ message: 'Server ocspool/fe02 is DOWN' });
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += new TextDecoder().decode(chunk);
    if (text.includes('fe02 is DOWN')) break;
  }
  client.abort();
  await expect.poll(() => [streams.count, controller.subscribers]).toEqual([0, 0]);
});

test('a client that takes events without reading is cut off', async () => {
  const { server, controller, streams } = await start();
  const reader = dial(server);
  reader.socket.pause();
  reader.socket.write(
    'GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer secret\r\n\r\n',
  );
  await expect.poll(() => streams.count).toBe(1);
  // The system's socket buffers take some megabytes before the stream's own buffer fills.
  for (let i = 0; i < 1000 && streams.count > 0; i++) {
    controller.emit({ message: 'x'.repeat(32_000) });
    await new Promise((done) => setImmediate(done));
  }
  expect(streams.count).toBe(0);
  reader.socket.resume();
  await reader.ended;
});

test('closing ends streams and idle connections at once', async () => {
  const { server, url } = await start();
  const response = await fetch(`${url}/api/v1/events`, { headers: AUTHORIZATION });
  await Promise.all([server.close(), server.close()]);
  await expect(response.text()).rejects.toThrow('terminated');
});

test('whatever is sent instead of a request, the answer is 4xx problem+json or a closed connection', async () => {
  const { server, url } = await start({ ...QUICK, connections: 64, headersMs: 200 });
  const printable = string({ unit: 'binary', maxLength: 200 });
  const shaped = record({
    method: constantFrom('GET', 'POST', 'PUT', 'TRACE', 'CONNECT', 'OPTIONS', 'PROPFIND', 'get'),
    target: oneof(webPath(), constantFrom('*', '//', '/..%2f', '/%', 'http://contoso.com/', '/api/v1/%00')),
    version: constantFrom('1.1', '1.0', '2.0', '9'),
    header: constantFrom(
      'Host: localhost',
      'Host: ',
      'Host: a b',
      'Host: [::1',
      'X: \u0001',
      'Content-Length: -1',
      'Content-Length: 5\r\nTransfer-Encoding: chunked',
      'Expect: teapot',
      'Upgrade: h2c\r\nConnection: Upgrade',
    ),
  }).map((r) => `${r.method} ${r.target} HTTP/${r.version}\r\nConnection: close\r\n${r.header}\r\n\r\n`);
  const anything = oneof(
    shaped,
    shaped,
    printable.map((text) => `${text}\r\n\r\n`),
  );
  const property = asyncProperty(anything, async (bytes) => {
    const { socket, ended } = dial(server);
    socket.end(bytes);
    return refusedOrClosed(bytes, await ended);
  });
  const { failed, counterexample } = await check(property, { numRuns: 150 });
  expect([failed, counterexample]).toEqual([false, null]);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

/** A request that happened to be right, a refusal with its reason, or nothing at all. */
function refusedOrClosed(bytes: string, answer: string): boolean {
  if (answer === '' || answer.startsWith('HTTP/1.1 2')) return true;
  const explained = bytes.startsWith('HEAD') || /application\/problem\+json/i.test(answer);
  return explained && /^HTTP\/1\.1 4\d\d /.test(answer);
}
