import { Worker } from 'node:worker_threads';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { Chooser, release } from './chooser.ts';
import { lock, unlock } from './mutex.ts';
import { FALLBACK_POSITION, serverId, shareState } from './shared.ts';

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

test('two threads choosing at once: every choice is counted, and the shares are exact', async () => {
  const shared = makeShared([1, 2, 3], 2);
  const each = 30_000;
  const code = `
    import { workerData } from 'node:worker_threads';
    const { Chooser } = await import(workerData.chooser);
    const { shareState } = await import(workerData.shared);
    const chooser = new Chooser(shareState(2, workerData.buffer), ${SERVICE}, ${POOL}, 'wlc');
    for (let i = 0; i < ${each}; i++) chooser.choose(-1);`;
  const threads = [0, 1].map(
    () =>
      new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`), {
        workerData: {
          buffer: shared.buffer,
          chooser: new URL('./chooser.ts', import.meta.url).href,
          shared: new URL('./shared.ts', import.meta.url).href,
        },
      }),
  );
  await Promise.all(threads.map((thread) => once(thread, 'exit')));
  expect([0, 1, 2].map((i) => shared.active[serverId(POOL, i)])).toEqual([10_000, 20_000, 30_000]);
});

test('an excluded server is not chosen, not even as the only one', () => {
  const shared = makeShared([1]);
  const chooser = new Chooser(shared, SERVICE, POOL, 'wlc');
  const first = chooser.choose(-1);
  expect(first).toBe(serverId(POOL, 0));
  expect(chooser.choose(first)).toBe(-1);
  release(shared, first);
  expect(shared.active[first]).toBe(0);
});

test('the fallback comes when nobody else is left, and once it failed itself, nobody does', () => {
  const shared = makeShared([1]);
  const fallback = serverId(POOL, FALLBACK_POSITION);
  shared.selectable[fallback] = 1;
  const chooser = new Chooser(shared, SERVICE, POOL, 'rr');
  expect(chooser.choose(serverId(POOL, 0))).toBe(fallback);
  shared.selectable[serverId(POOL, 0)] = 0;
  expect(chooser.choose(-1)).toBe(fallback);
  expect(chooser.choose(fallback)).toBe(-1);
});

test('a server of another pool is excluded from nothing here', () => {
  const shared = makeShared([1]);
  const chooser = new Chooser(shared, SERVICE, POOL, 'wlc');
  expect(chooser.choose(serverId(POOL + 1, 0))).toBe(serverId(POOL, 0));
});

test('the lock is free again after use', () => {
  const words = new Int32Array(new SharedArrayBuffer(4));
  lock(words, 0);
  expect(words[0]).toBe(1);
  unlock(words, 0);
  expect(words[0]).toBe(0);
});
