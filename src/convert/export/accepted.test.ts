/** The real programs read what is exported for them, and have nothing to say. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PoolgateError } from '../../lib/errors.ts';
import { FORMATS } from './remark.ts';
import { NOTHING } from './nothing-cases.ts';
import { configs } from './random-config.ts';
import { ALL_CONFIGS } from './all-configs.ts';
import { complaints, exported } from './testing.ts';

// As root all of them must be there (scripts/install-lab.sh); nft says nothing of a table to anybody else.
describe.skipIf(process.getuid?.() !== 0).each(FORMATS)('%s', (format) => {
  const some = Object.entries(ALL_CONFIGS).filter(([name]) => !NOTHING[format].includes(name));

  it.each(some)('takes %s without a word', (_, yaml) => {
    const { text } = exported(format, yaml);
    expect(complaints(format, text), text).toBe('');
  });

  it.each(NOTHING[format])('gets nothing of %s', (name) => {
    expect(() => exported(format, ALL_CONFIGS[name] ?? '')).toThrow(PoolgateError);
  });

  it('takes what comes of any config', () => {
    fc.assert(
      fc.property(configs, (yaml) => {
        const { text } = exported(format, yaml);
        expect(complaints(format, text), text).toBe('');
      }),
      { numRuns: 12 },
    );
  });
});
