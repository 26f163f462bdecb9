import { EventEmitter } from 'node:events';
import { expect, test, vi } from 'vitest';
import { type Daemon, type Host, supervise } from './lifecycle.ts';

function setUp() {
  const signals = new EventEmitter();
  const did: string[] = [];
  const stopped = Promise.withResolvers<void>();
  const clock = { now: 0 };
  const log = { info: () => {}, warn: (_: object, text: string) => void did.push(text) };
  const host: Host = {
    on: (signal, listener) => void signals.on(signal, listener),
    now: () => clock.now,
    exit: (code) => void did.push(`exit ${code}`),
    log,
  };
  const daemon: Daemon = {
    reload: async () => void did.push('reload'),
    stop: () => {
      did.push('stop');
      return stopped.promise;
    },
  };
  return { signals, did, stopped, clock, host, daemon };
}

test('HUP reloads, TERM stops, and the end is exit 0', async () => {
  const { signals, did, stopped, host, daemon } = setUp();
  const end = supervise(async () => daemon, host);
  await vi.waitUntil(() => signals.emit('SIGHUP') && did.includes('reload'));
  signals.emit('SIGTERM');
  stopped.resolve();
  expect(await end).toBe(0);
  expect(did.at(-1)).toBe('stop');
});

test('a second signal ends at once, unless it is an echo of the first; HUP while stopping does nothing', async () => {
  const { signals, did, clock, host, daemon } = setUp();
  void supervise(async () => daemon, host);
  signals.emit('SIGINT');
  await vi.waitUntil(() => did.includes('stop'));
  signals.emit('SIGHUP');
  signals.emit('SIGTERM');
  expect(did).toEqual(['stop']);
  clock.now = 1001;
  signals.emit('SIGTERM');
  expect(did).toEqual(['stop', 'second signal: ending now, open connections are cut', 'exit 1']);
});

test('a signal while starting stops as soon as it has started', async () => {
  const { signals, did, stopped, host, daemon } = setUp();
  const started = Promise.withResolvers<Daemon>();
  const end = supervise(() => started.promise, host);
  signals.emit('SIGTERM');
  expect(did).toEqual([]);
  started.resolve(daemon);
  stopped.resolve();
  expect([await end, did]).toEqual([0, ['stop']]);
});

test('a failing start is the caller’s to report', async () => {
  const { host } = setUp();
  await expect(supervise(() => Promise.reject(new Error('port taken')), host)).rejects.toThrow('port taken');
});
