import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { EAGAIN, Memory, SHUT_WR, sys } from './libc.ts';
import { NOT_DONE, Ring } from './ring.ts';
import { openRings, socketPair } from './test-sockets.ts';

const EBADF = 9;

test('many calls in one go: what each returned stands in its place', () => {
  const ring = Ring.open(32);
  if (!ring) throw new Error('this machine has no io_uring to test with');
  const pairs = Array.from({ length: 10 }, socketPair);
  const out = new Memory(16);
  out.bytes.set(Buffer.from('0123456789abcdef'));
  const results = new Int32Array(32).fill(NOT_DONE);
  pairs.forEach(([left], i) => ring.send(i, left, out.address, i + 1));
  expect(ring.run(results)).toBe(true);
  expect([...results.subarray(0, 11)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, NOT_DONE]);

  const [[, first] = [0, 0], [, second] = [0, 0], [third] = [0, 0]] = pairs;
  sys.shutdown(pairs[9]![0], SHUT_WR);
  const into = new Memory(64);
  ring.recv(3, first, into.address, 16);
  ring.recv(0, second, into.address + 16, 1);
  ring.recv(7, third, into.address + 32, 16);
  ring.recv(8, 999_999, into.address + 32, 16);
  ring.recv(9, pairs[9]![1], into.address + 32, 16);
  expect(ring.run(results)).toBe(true);
  expect([3, 0, 7, 8, 9].map((place) => results[place])).toEqual([1, 1, -EAGAIN, -EBADF, 10]);
  expect(String.fromCharCode(into.bytes[0]!, into.bytes[16]!)).toBe('00');
  ring.recv(9, pairs[9]![1], into.address, 16);
  ring.run(results);
  expect(results[9]).toBe(0);

  // Round the ring's end several times.
  for (let i = 0; i < 100; i++) {
    ring.send(1, third, out.address, 1);
    ring.recv(2, pairs[2]![1], into.address, 64);
    expect(ring.run(results)).toBe(true);
    expect(results[2]).toBeGreaterThan(0);
  }
  ring.close();
  for (const fd of pairs.flat()) sys.close(fd);
});

test('what a kernel that stops serving the ring did not do is left as it was', () => {
  const before = openRings();
  const ring = Ring.open(8);
  if (!ring) throw new Error('this machine has no io_uring to test with');
  const [fd] = openRings().filter((other) => !before.includes(other));
  sys.close(fd!);
  const results = new Int32Array(2).fill(NOT_DONE);
  ring.recv(0, 0, 0, 0);
  ring.recv(1, 0, 0, 0);
  expect(ring.run(results)).toBe(false);
  expect([...results]).toEqual([NOT_DONE, NOT_DONE]);
});

test('a ring that the kernel refuses is null, and an open one leaves nothing behind', () => {
  expect(Ring.open(0)).toBeNull();
  const before = readdirSync('/proc/self/fd').length;
  for (let i = 0; i < 50; i++) Ring.open(8)?.close();
  expect(readdirSync('/proc/self/fd').length).toBe(before);
});
