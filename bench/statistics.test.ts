import { describe, expect, it } from 'vitest';
import { paired, rotated, summarize } from './statistics.ts';

describe('summarize', () => {
  it('takes the middle of an odd number of values, in any order', () => {
    expect(summarize([9, 1, 5])).toEqual({ median: 5, least: 1, greatest: 9, count: 3 });
  });

  it('takes the mean of the two in the middle of an even number', () => {
    expect(summarize([4, 1, 100, 2])?.median).toBe(3);
  });

  it('sorts as numbers, not as text', () => {
    expect(summarize([10, 9, 100])?.median).toBe(10);
  });

  it('leaves out runs that failed', () => {
    expect(summarize([undefined, 3, Number.NaN, 5, 4])).toEqual({
      median: 4,
      least: 3,
      greatest: 5,
      count: 3,
    });
  });

  it('has no answer without values', () => {
    expect(summarize([undefined])).toBeUndefined();
    expect(summarize([])).toBeUndefined();
  });
});

describe('paired', () => {
  it('compares within a repetition, so that a slow spell of the machine cancels out', () => {
    const reference = [100, 10, 90, 50, 40];
    const twice = reference.map((v) => 2 * v);
    expect(paired('ratio', twice, reference)).toEqual({ median: 2, least: 2, greatest: 2, count: 5 });
  });

  it('differs from the ratio of the medians', () => {
    // Medians: 20 and 20, ratio 1; pairs: 0.5, 1/3, 30.
    expect(paired('ratio', [10, 20, 30], [20, 60, 1])?.median).toBe(0.5);
  });

  it('drops pairs of which one run failed, and zero references', () => {
    expect(paired('ratio', [1, undefined, 3, 4], [2, 2, undefined, 0])).toEqual({
      median: 0.5,
      least: 0.5,
      greatest: 0.5,
      count: 1,
    });
  });

  it('takes differences where ratios say nothing', () => {
    expect(paired('difference', [5, 7, undefined], [4, 4, 4])).toEqual({
      median: 2,
      least: 1,
      greatest: 3,
      count: 2,
    });
  });
});

describe('rotated', () => {
  it('begins with another item each time and keeps the order', () => {
    expect([0, 1, 2, 3].map((by) => rotated(['a', 'b', 'c'], by).join(''))).toEqual([
      'abc',
      'bca',
      'cab',
      'abc',
    ]);
  });
});
