import { Worker } from 'node:worker_threads';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import type { SchedulerName } from '../../scheduler/names.ts';
import { Chooser, release } from './chooser.ts';
import { addressWords, NO_CLIENT } from './guard/client-address.ts';
import { Holds } from './guard/holds.ts';
import { lock, unlock } from './mutex.ts';
import { AT_SERVER_LIMITS, NO_SERVER } from './refusals.ts';
import { FALLBACK_POSITION, serverId, shareState } from './common-state.ts';

const POOL = 3;
const SERVICE = 5;

function makeShared(weights: readonly number[], workers = 1) {
  const shared = shareState(workers);
  weights.forEach((w, i) => {
    shared.weight[serverId(POOL, i)] = w;
    shared.selectable[serverId(POOL, i)] = 1;
  });
  shared.count[POOL] = weights.length;
  return shared;
}

function makeChooser(shared: ReturnType<typeof makeShared>, scheduler: SchedulerName) {
  const chooser = new Chooser(shared, SERVICE, { pool: POOL, scheduler }, null);
  const holds = new Holds(1);
  return (excluded: number, client = NO_CLIENT) => chooser.choose(client, excluded, holds, 0);
}

test('two threads choosing at once: every choice is counted, and the shares are exact', async () => {
  const shared = makeShared([1, 2, 3], 2);
  const each = 30_000;
  const code = `
    import { workerData } from 'node:worker_threads';
    const { Chooser } = await import(workerData.chooser);
    const { shareState } = await import(workerData.shared);
    const settings = { pool: ${POOL}, scheduler: 'wlc' };
    const chooser = new Chooser(shareState(2, workerData.buffer), ${SERVICE}, settings, null);
    for (let i = 0; i < ${each}; i++) chooser.choose(null, -1, null, 0);`;
  const threads = [0, 1].map(
    () =>
      new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`), {
        workerData: {
          buffer: shared.buffer,
          chooser: new URL('./chooser.ts', import.meta.url).href,
          shared: new URL('./common-state.ts', import.meta.url).href,
        },
      }),
  );
  await Promise.all(threads.map((thread) => once(thread, 'exit')));
  expect([0, 1, 2].map((i) => shared.active[serverId(POOL, i)])).toEqual([10_000, 20_000, 30_000]);
});

test('an excluded server is not chosen, not even as the only one', () => {
  const shared = makeShared([1]);
  const choose = makeChooser(shared, 'wlc');
  const first = choose(-1);
  expect(first).toBe(serverId(POOL, 0));
  expect(choose(first)).toBe(NO_SERVER);
  release(shared, first);
  expect(shared.active[first]).toBe(0);
});

test('the fallback comes when nobody else is left, and once it failed itself, nobody does', () => {
  const shared = makeShared([1]);
  const fallback = serverId(POOL, FALLBACK_POSITION);
  shared.selectable[fallback] = 1;
  const choose = makeChooser(shared, 'rr');
  expect(choose(serverId(POOL, 0))).toBe(fallback);
  shared.selectable[serverId(POOL, 0)] = 0;
  expect(choose(-1)).toBe(fallback);
  expect(choose(fallback)).toBe(NO_SERVER);
});

test('a server of another pool is excluded from nothing here', () => {
  const choose = makeChooser(makeShared([1]), 'wlc');
  expect(choose(serverId(POOL + 1, 0))).toBe(serverId(POOL, 0));
});

test.each(['rr', 'wrr', 'lc', 'wlc', 'sh', 'mh'] as const)(
  '%s: a full server is passed over; when all are full the fallback comes, else a refusal of its own kind',
  (scheduler) => {
    const shared = makeShared([1, 1, 1]);
    shared.limited[POOL] = 1;
    [2, 3, 0].forEach((most, i) => (shared.maxConnections[serverId(POOL, i)] = most));
    const choose = makeChooser(shared, scheduler);
    const active = () => [0, 1, 2].map((i) => shared.active[serverId(POOL, i)]);
    for (let i = 0; i < 30; i++) choose(-1, addressWords(`10.0.0.${i}`));
    expect(active()).toEqual([2, 3, 25]);
    shared.maxConnections[serverId(POOL, 2)] = 25;
    expect(choose(-1)).toBe(AT_SERVER_LIMITS);
    release(shared, serverId(POOL, 1));
    expect(choose(-1)).toBe(serverId(POOL, 1));
    shared.selectable[serverId(POOL, FALLBACK_POSITION)] = 1;
    expect(choose(-1)).toBe(serverId(POOL, FALLBACK_POSITION));
    expect(active()).toEqual([2, 3, 25]);
  },
);

test('a server that only keeps its clients is not chosen for others', () => {
  const shared = makeShared([1, 1]);
  shared.selectable[serverId(POOL, 0)] = 2;
  const choose = makeChooser(shared, 'rr');
  expect([choose(-1), choose(-1)]).toEqual([serverId(POOL, 1), serverId(POOL, 1)]);
  shared.selectable[serverId(POOL, 1)] = 0;
  expect(choose(-1)).toBe(NO_SERVER);
});

test('the lock is free again after use', () => {
  const words = new Int32Array(new SharedArrayBuffer(4));
  lock(words, 0);
  expect(words[0]).toBe(1);
  unlock(words, 0);
  expect(words[0]).toBe(0);
});
