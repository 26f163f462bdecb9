import { describe, expect, it } from 'vitest';
import { type Aspect, type Cell, COVERAGE } from './coverage.ts';
import { FORMATS } from './remark.ts';
import { TEST_CONFIGS } from './test-configs.ts';
import { exported } from './testing.ts';
import { NOTHING } from './nothing-cases.ts';

describe.each(FORMATS)('%s', (format) => {
  const names = Object.keys(TEST_CONFIGS).filter((name) => !NOTHING[format].includes(name));
  const said = new Set(
    names.flatMap((name) => exported(format, TEST_CONFIGS[name] ?? '').remarks.map(({ aspect }) => aspect)),
  );

  it('says of everything that is lost or changed that it is', () => {
    const all = Object.entries(COVERAGE) as [Aspect, Record<typeof format, Cell>][];
    const own = all.filter(([, row]) => row[format].how !== 'same' && !row[format].saidElsewhere);
    const never = own.filter(([aspect]) => !said.has(aspect));
    expect(never.map(([aspect]) => aspect)).toEqual([]);
  });

  it('says each thing once, in the file too', () => {
    for (const name of names) {
      const { text, remarks } = exported(format, TEST_CONFIGS[name] ?? '');
      const unwrapped = text.replaceAll(/\n *# {3}(?=\S)/g, ' ');
      for (const { kind, path } of remarks) expect(unwrapped).toContain(`# ${kind}: ${path}`);
      expect(new Set(remarks.map((remark) => JSON.stringify(remark))).size).toBe(remarks.length);
    }
  });
});

it('what nobody wrote is a note', () => {
  const { remarks } = exported('haproxy', TEST_CONFIGS['the least'] ?? '');
  expect(remarks.map(({ kind, path }) => `${kind} ${path}`)).toEqual([
    'note admin.listen',
    'note pools[web].healthChecks[0].timeout',
    'note pools[web].drain.timeout',
  ]);
  const long = exported('haproxy', TEST_CONFIGS['weights'] ?? '').remarks;
  expect(long.find(({ aspect }) => aspect === 'drainTimeout')).toMatchObject({ kind: 'lost', value: '2h' });
});
