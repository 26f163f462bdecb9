import { expect, test } from 'vitest';
import { manualClock } from '../../../lib/manual-clock.ts';
import { watchRoom } from './room-watch.ts';

test('says once that the table fills, and once that it has room again', async () => {
  const clock = manualClock();
  let count = 0;
  const said: string[] = [];
  const values = (name: string) => (name === 'nf_conntrack_max' ? 1000 : count);
  const watch = watchRoom(clock, (message) => said.push(message), { read: values, write: () => {} });
  for (const next of [799, 800, 900, 750, 699, 800]) {
    count = next;
    await clock.advance(5000);
  }
  expect(said).toEqual([
    expect.stringContaining('tracks 800 of at most 1000 connections'),
    expect.stringContaining('room again: 699 of 1000'),
    expect.stringContaining('tracks 800 of at most 1000 connections'),
  ]);
  watch.close();
  expect(clock.pending()).toBe(0);
});
