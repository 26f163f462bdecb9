import { describe, expect, it } from 'vitest';
import { editDistance, nearest } from './nearest.ts';

const KEYS = ['name', 'profile', 'options', 'healthChecks', 'onDown', 'drain', 'realServers', 'fallback'];

describe('nearest', () => {
  it.each([
    ['realServer', 'realServers'],
    ['realservers', 'realServers'],
    ['helthChecks', 'healthChecks'],
    ['nmae', 'name'],
    ['servers', 'realServers'],
    ['darin', 'drain'],
  ])('%s means %s', (given, meant) => expect(nearest(given, KEYS)).toBe(meant));

  it.each(['', 'x', 'certificate', 'e', '日本語'])('nothing is near %j', (given) =>
    expect(nearest(given, KEYS)).toBeNull(),
  );

  it('takes no time for long words', () => expect(nearest('x'.repeat(1_000_000), KEYS)).toBeNull());
});

describe('editDistance', () => {
  it.each([
    ['', 'abc', 3],
    ['abc', 'abc', 0],
    ['abc', 'acb', 1],
    ['kitten', 'sitting', 3],
  ])('%s to %s is %d', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
    expect(editDistance(b, a)).toBe(distance);
  });
});
