import { describe, expect, it } from 'vitest';
import { NOT_AVAILABLE } from './not-available.ts';
import { formatPath, patternOf, valueAt, valuesAt } from './path.ts';
import { fields, keysAt } from './walk.ts';

describe('the schema', () => {
  const all = [...fields()];

  it('has words for every field', () => {
    for (const { key, meta } of all) {
      expect(meta.title, key).not.toBe('');
      expect(meta.description, key).toMatch(/[.`)]$/);
      expect(['live', 'restart'], key).toContain(meta.applies);
    }
    expect(all.length).toBeGreaterThan(70);
  });

  it('names its keys wherever they stand', () => {
    expect(keysAt([])).toContain('virtualServices');
    expect(keysAt(['pools', 3, 'realServers', 0])).toContain('weight');
    expect(keysAt(['virtualServices', 0, 'ports', 1])).toEqual(['port', 'serverPort', 'protocol']);
    expect(keysAt(['pools', 0, 'options'])).toEqual([]);
    expect(keysAt(['__proto__', 'constructor'])).toEqual([]);
  });

  it('has every key that is not available yet, so that deleting a row is all it takes', () => {
    const keys = new Set(all.map((f) => f.key));
    for (const { key } of NOT_AVAILABLE) expect(keys, key).toContain(key);
  });

  it('needs a restart for what is bound at start alone', () => {
    const restart = all.filter((f) => f.meta.applies === 'restart').map((f) => f.key);
    expect(restart).toEqual(expect.arrayContaining(['dataPlane', 'admin.listen', 'topology.mode']));
    expect(restart.some((key) => /^(pools|virtualServices|defaults)/.test(key))).toBe(false);
  });
});

describe('paths', () => {
  const root = { a: [{ b: 1 }, { b: 2 }, {}] };

  it('are written as in the file', () => {
    expect(formatPath(['a', 0, 'b'])).toBe('a[0].b');
    expect(patternOf(['a', 10, 'b'])).toBe('a[].b');
  });

  it('find what is there', () => {
    expect(valuesAt(root, 'a[].b')).toEqual([
      { path: ['a', 0, 'b'], value: 1 },
      { path: ['a', 1, 'b'], value: 2 },
    ]);
    expect(valuesAt(root, 'a.b')).toEqual([]);
    expect(valueAt(root, ['a', 1, 'b'])).toBe(2);
    expect(valueAt(root, ['constructor'])).toBeUndefined();
  });
});
