/** What all probes over a connection have in common, seen from the server's side. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { type AddressInfo, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { realClock } from '../lib/clock.ts';
import { manualClock } from '../lib/manual-clock.ts';
import { probeHttp } from './http.ts';
import { HOST, onTcp, onUdp, type Plant, type Planted } from './planted/listen.ts';
import { endlessly, whenAsked } from './planted/talk.ts';
import type { Probe } from './probe.ts';
import { probeSip } from './sip.ts';
import { probeStun } from './stun.ts';
import { probeTls } from './tls.ts';

const never = new AbortController().signal;
const planted: Planted[] = [];
afterEach(() => {
  for (const one of planted.splice(0)) one.close();
});

async function plant(how: Plant): Promise<{ address: string; port: number; timeoutMs: number }> {
  const one = await how();
  planted.push(one);
  return { address: HOST, port: one.port, timeoutMs: 3000 };
}

let asked = 0;
const heard = (): void => void (asked += 1);
const silentTcp = onTcp((socket) => socket.once('data', heard));

const SILENT: readonly (readonly [string, Probe, Plant, string])[] = [
  ['tls', probeTls, silentTcp, 'L6TOUT'],
  ['http', probeHttp, silentTcp, 'L7TOUT'],
  ['sip', probeSip, silentTcp, 'L7TOUT'],
  ['stun', probeStun, onUdp(heard), 'L4TOUT'],
];

test.each(SILENT)('%s ends at its timeout, not before, and leaves nothing', async (_, probe, how, word) => {
  const clock = manualClock();
  asked = 0;
  const outcome = probe(await plant(how), clock, never);
  await expect.poll(() => asked).toBe(1);
  expect(await Promise.race([outcome, clock.advance(2999).then(() => 'waiting')])).toBe('waiting');
  await clock.advance(1);
  expect(await outcome).toMatchObject({ result: word, good: false, durationMs: 3000 });
  await expect.poll(() => clock.pending()).toBe(0);
});

test.each(SILENT)('%s: an abort ends it at once and says nothing about the server', async (_, probe, how) => {
  const abort = new AbortController();
  const clock = manualClock();
  const outcome = probe(await plant(how), clock, abort.signal);
  abort.abort();
  expect(await outcome).toMatchObject({ result: 'SOCKERR', good: null });
  await expect.poll(() => clock.pending()).toBe(0);
  expect((await probe(await plant(how), clock, abort.signal)).good).toBeNull();
});

test('a server that talks without end after the verdict is cut off, long before the timeout', async () => {
  const closed = Promise.withResolvers<number>();
  const target = await plant(
    onTcp((socket) => {
      socket.on('close', () => closed.resolve(socket.bytesWritten));
      whenAsked((_, asked) => endlessly(asked, 'x', 'HTTP/1.1 200 OK\r\n\r\n'))(socket);
    }),
  );
  expect((await probeHttp({ ...target, timeoutMs: 60_000 }, realClock, never)).result).toBe('L7OK');
  // What the kernel's buffers take beyond what was read is its own affair.
  expect(await closed.promise).toBeLessThan(16 * 1_048_576);
});

test('the request is as RFC 3261 8.1.1 wants it', async () => {
  const heard = Promise.withResolvers<string>();
  const target = await plant(onTcp(whenAsked((request, socket) => (socket.end(), heard.resolve(request)))));
  await probeSip({ ...target, sip: { domain: 'ocspool.contoso.com', expectStatus: null } }, realClock, never);
  const [first, ...headers] = (await heard.promise).split('\r\n');
  expect(first).toBe('OPTIONS sip:ocspool.contoso.com;transport=tcp SIP/2.0');
  const value = (name: string): string =>
    headers.find((h) => h.startsWith(`${name}: `))?.slice(name.length + 2) ?? '';
  expect(value('Via')).toMatch(/^SIP\/2\.0\/TCP 127\.0\.0\.1:\d+;branch=z9hG4bK[0-9a-f]{24};rport$/);
  expect(value('Max-Forwards')).toBe('70');
  expect(value('From')).toMatch(/^<sip:poolgate@127\.0\.0\.1>;tag=[0-9a-f]{12}$/);
  expect(value('To')).toBe('<sip:ocspool.contoso.com>');
  expect(value('Call-ID')).toMatch(/^[0-9a-f]{24}@poolgate$/);
  expect(value('CSeq')).toMatch(/^\d{1,10} OPTIONS$/);
  expect(Number.parseInt(value('CSeq'), 10)).toBeLessThan(2 ** 31);
  expect(value('Content-Length')).toBe('0');
  expect(headers.slice(-2)).toEqual(['', '']);
});

test('over IPv6 the address stands in brackets where a host is named, and STUN works too', async () => {
  const requests: string[] = [];
  const server = createServer(
    whenAsked((request, socket) => {
      requests.push(request);
      socket.end();
    }),
  );
  const relay = createSocket('udp6', (request, from) => {
    const address = Buffer.from('000100080001a147e112a643', 'hex');
    relay.send(
      Buffer.concat([Buffer.from('0101000c', 'hex'), request.subarray(4), address]),
      from.port,
      from.address,
    );
  });
  await new Promise<void>((done) => server.listen(0, '::1', done));
  await new Promise<void>((done) => relay.bind(0, '::1', done));
  planted.push({ port: 0, close: () => void server.close() }, { port: 0, close: () => relay.close() });
  const target = { address: '::1', port: (server.address() as AddressInfo).port, timeoutMs: 3000 };
  await probeHttp(target, realClock, never);
  await probeSip(target, realClock, never);
  expect(requests[0]).toContain(`\r\nHost: [::1]:${target.port}\r\n`);
  expect(requests[1]).toMatch(
    /^OPTIONS sip:\[::1\]:\d+;transport=tcp SIP\/2\.0\r\nVia: SIP\/2\.0\/TCP \[::1\]:\d+;/,
  );
  const asked6 = await probeStun({ ...target, port: relay.address().port }, realClock, never);
  expect(asked6.result).toBe('L7OK');
});

test('STUN is asked again, later each time', async () => {
  const clock = manualClock();
  asked = 0;
  const probe = probeStun(await plant(onUdp(heard)), clock, never);
  await expect.poll(() => asked).toBe(1);
  for (const [at, count] of [
    [500, 2],
    [1000, 3],
  ] as const) {
    await clock.advance(at);
    await expect.poll(() => asked).toBe(count);
  }
  await clock.advance(1500);
  expect((await probe).result).toBe('L4TOUT');
  expect(asked).toBe(3);
});

const PROBE_FILE = fileURLToPath(new URL('./probe.ts', import.meta.url));
const CLOCK_FILE = fileURLToPath(new URL('../lib/clock.ts', import.meta.url));

test('without a descriptor left no check says anything about a server', () => {
  execFileSync('sh', ['-c', 'command -v prlimit']);
  const script = `
    const { PROBES } = await import(${JSON.stringify(PROBE_FILE)});
    const { realClock } = await import(${JSON.stringify(CLOCK_FILE)});
    const { openSync } = await import('node:fs');
    const target = { address: '127.0.0.1', port: 9, timeoutMs: 2000, tls: undefined };
    const tls = { serverName: null, verify: false, caFile: null, minDaysLeft: 0 };
    const out = {};
    for (const [type, probe] of Object.entries(PROBES)) {
      const wishes = type === 'https' || type === 'tls' ? { tls } : {};
      const never = new AbortController().signal;
      // Node.js itself may close a descriptor between the filling and the probe; the answer is then that of port 9.
      for (let tries = 0; tries < 50 && !(out[type] ?? '').startsWith('SOCKERR'); tries += 1) {
        try { for (;;) openSync('/dev/null'); } catch {}
        const { result, good } = await probe({ ...target, ...wishes }, realClock, never);
        out[type] = result + ' ' + good;
      }
    }
    process._rawDebug(JSON.stringify(out));`;
  const args = ['--nofile=64:64', process.execPath, '--input-type=module', '-e', script];
  const done = spawnSync('prlimit', args, { encoding: 'utf8' });
  const said = done.stderr.split('\n').find((line) => line.startsWith('{')) ?? done.stderr;
  const all = Object.fromEntries(
    ['tcp', 'tls', 'http', 'https', 'sip', 'stun'].map((t) => [t, 'SOCKERR null']),
  );
  expect(JSON.parse(said)).toEqual(all);
});
