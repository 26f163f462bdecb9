import { describe, expect, it } from 'vitest';
import { parseOptions, UsageError } from './options.ts';

describe('parseOptions', () => {
  it('has a default for everything', () => {
    expect(parseOptions([])).toEqual({
      groups: ['loopback', 'network'],
      only: ['direct', 'tracked', 'nftables', 'haproxy', 'nginx', 'poolgate', 'poolgate-full', 'kernel'],
      measures: ['connections', 'roundtrips', 'bulk', 'memory'],
      seconds: 2,
      repeat: 7,
      connections: 64,
      held: 4000,
      format: 'table',
      write: false,
      profile: false,
    });
  });

  it('keeps the order of the tables, whatever the order given', () => {
    expect(parseOptions(['--only', 'poolgate,direct'])?.only).toEqual(['direct', 'poolgate']);
  });

  it('answers --help with nothing to run', () => {
    expect(parseOptions(['--help'])).toBeUndefined();
  });

  it.each([
    ['--group', 'loop'],
    ['--only', 'haproxi'],
    ['--measure', ''],
    ['--seconds', ''],
    ['--seconds', '0'],
    ['--seconds', 'long'],
    ['--repeat', '2.5'],
    ['--held', '1e9'],
    ['--format', 'xml'],
    ['--verbose', 'yes'],
    ['stray', 'words'],
  ])('refuses %s %s', (flag, value) => {
    expect(() => parseOptions([flag, value])).toThrow(UsageError);
  });
});
