import { spawn } from 'node:child_process';
import type { Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { realClock } from '../lib/clock.ts';
import { manualClock } from '../lib/manual-clock.ts';
import { probeTcp } from './tcp.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listen(host: string, onConnection: (socket: Socket) => void = () => {}): Promise<number> {
  const server = createServer(onConnection);
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, host, done));
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

const never = new AbortController().signal;

test.each(['127.0.0.1', '::1'])(
  'a server that accepts is good (%s), and sees an orderly end',
  async (host) => {
    const seen = Promise.withResolvers<string>();
    const port = await listen(host, (socket) => {
      socket.write('220 a server that speaks first');
      socket.on('error', (error) => seen.resolve(error.message));
      socket.on('end', () => seen.resolve('end'));
      socket.resume();
    });
    const outcome = await probeTcp({ address: host, port, timeoutMs: 2000 }, realClock, never);
    expect(outcome).toMatchObject({ result: 'L4OK', good: true, text: '' });
    expect(outcome.durationMs).toBeLessThan(2000);
    expect(await seen.promise).toBe('end');
  },
);

test.each(['127.0.0.1', '::1'])('a refusal is told in the system words (%s)', async (address) => {
  const port = await listen(address);
  servers.pop()?.close();
  const outcome = await probeTcp({ address, port, timeoutMs: 2000 }, realClock, never);
  expect(outcome).toMatchObject({ result: 'L4CON', good: false, text: 'Connection refused' });
});

test('a network without a route is told so', async () => {
  const outcome = await probeTcp({ address: '255.255.255.255', port: 9, timeoutMs: 2000 }, realClock, never);
  expect(outcome).toMatchObject({ result: 'L4CON', good: false });
  expect(outcome.text).toMatch(/^[A-Z][a-z ]+$/);
});

/** A port on which the kernel drops every SYN: a process that listens, never accepts, and whose queue is full. */
async function blackHole(): Promise<{ port: number; close: () => void }> {
  const child = spawn(process.execPath, ['-e', DEAF], { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await new Promise<number>((done) => child.stdout.once('data', (d) => done(Number(d))));
  const fillers = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
  await Promise.all(fillers.map((f) => new Promise((done) => f.once('connect', done))));
  return {
    port,
    close: () => {
      for (const filler of fillers) filler.destroy();
      child.kill('SIGKILL');
    },
  };
}

const DEAF = `const s = require('node:net').createServer();
s.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  require('node:fs').writeSync(1, String(s.address().port));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});`;

test('no answer ends at the timeout, not before and not after', async () => {
  const hole = await blackHole();
  const clock = manualClock();
  const target = { address: '127.0.0.1', port: hole.port, timeoutMs: 3000 };
  const probe = probeTcp(target, clock, never);
  const before = Promise.race([probe, clock.advance(2999).then(() => 'waiting')]);
  expect(await before).toBe('waiting');
  await clock.advance(1);
  expect(await probe).toEqual({
    result: 'L4TOUT',
    good: false,
    text: 'Connection timed out',
    durationMs: 3000,
  });
  await clock.advance(0);
  expect(clock.pending()).toBe(0);
  hole.close();
});

test('an answer that came while this thread was held up counts', async () => {
  const port = await listen('127.0.0.1');
  const probe = probeTcp({ address: '127.0.0.1', port, timeoutMs: 50 }, realClock, never);
  const until = performance.now() + 100;
  while (performance.now() < until);
  expect((await probe).result).toBe('L4OK');
});

test('a server that keeps its end open holds the socket no longer than the timeout', async () => {
  const clock = manualClock();
  const ended = Promise.withResolvers<void>();
  const accepted = Promise.withResolvers<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => ended.resolve());
    socket.resume();
    accepted.resolve(socket);
  });
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  const outcome = await probeTcp({ address: '127.0.0.1', port, timeoutMs: 3000 }, clock, never);
  expect(outcome.result).toBe('L4OK');
  const socket = await accepted.promise;
  expect(clock.pending()).toBe(1);
  await clock.advance(3000);
  expect(clock.pending()).toBe(0);
  // The probe's side is gone for good now: writing to it is answered by a reset.
  const writing = setInterval(() => socket.write('x'), 5);
  await ended.promise;
  clearInterval(writing);
});

test('an abort ends it at once and says nothing about the server', async () => {
  const abort = new AbortController();
  const clock = manualClock();
  const probe = probeTcp({ address: '192.0.2.1', port: 9, timeoutMs: 3000 }, clock, abort.signal);
  abort.abort();
  expect((await probe).good).toBeNull();
  await clock.advance(0);
  expect(clock.pending()).toBe(0);
});
