import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { PRODUCT_NAMES } from '../catalogue/products.ts';
import { parseConfig } from '../config/load.ts';
import { PROFILES } from '../profiles/profiles.ts';
import { LEAST } from './data/samples.ts';
import { inOrder, WAYS } from './rule.ts';
import { findRule, RULES } from './rules.ts';

/** Samples name the keys that they are about; the rest is the least config's. */
function completed(sample: string): string {
  const { pools, virtualServices } = parse(LEAST) as Record<'pools' | 'virtualServices', object[]>;
  const given = parse(sample) as { pools?: object[]; virtualServices?: object[] };
  const whole = { version: 1, ...given };
  const own = given.pools?.map((pool) => ({ ...(given.pools?.length === 1 ? pools[0] : {}), ...pool }));
  return stringify({
    ...whole,
    pools: own ?? pools,
    virtualServices: given.virtualServices ?? virtualServices,
  });
}

describe('the rules', () => {
  it('are R1 to R45 and R50 to R60, each once and in order', () => {
    const numbers = [
      ...Array.from({ length: 45 }, (_, i) => i + 1),
      ...Array.from({ length: 11 }, (_, i) => i + 50),
    ];
    expect(RULES.map(({ id }) => id)).toEqual(numbers.map((n) => `R${n}`));
    expect(RULES.toSorted(inOrder)).toEqual(RULES);
  });

  it('are found by id, in either case', () => {
    expect(findRule('r18')?.id).toBe('R18');
    expect(findRule('R46')).toBeNull();
  });
});

describe.each(RULES)('$id', (rule) => {
  it('says all that there is to say', () => {
    const { title, why, sources, products, how, checked, hint } = rule;
    expect(title).toMatch(/^[A-Z].*[^.]$/);
    for (const text of [why, checked, hint]) expect(text).toMatch(/^[`A-Z].*[.)]$/s);
    expect([sources.length, products.length, how.length]).not.toContain(0);
    expect(PRODUCT_NAMES).toEqual(expect.arrayContaining([...products]));
    expect(Object.keys(WAYS)).toEqual(expect.arrayContaining([...how]));
  });

  it('has a lint exactly when it says so', () => {
    expect(typeof rule.lint === 'function').toBe(rule.how.includes('lint'));
    expect(rule.lint === undefined || rule.sample !== null).toBe(true);
  });
});

it.each(RULES.filter(({ sample }) => sample !== null))(
  'the sample of $id is of a config in which nothing is wrong',
  ({ sample }) => {
    expect(parseConfig(completed(sample ?? ''), 'sample.yaml').findings).toEqual([]);
  },
);

describe.each(PROFILES)('$name', (profile) => {
  const { product, refusedNat, limits, neverBalanced, publicServers, oneVip, ports, notes } = profile;
  it('tells only by rules that there are, and asks only by those that are linted', () => {
    const asked = [
      ...Object.values(refusedNat ?? {}),
      limits?.idleAtLeast,
      limits?.intervalAtLeast,
      publicServers,
      oneVip,
      ...(limits?.checkOneOf ?? []),
      ...(neverBalanced ?? []),
      ...ports.map(({ persistence }) => persistence),
    ].flatMap((fact) => fact?.rule ?? []);
    expect(asked.filter((id) => !findRule(id)?.lint)).toEqual([]);
    const own = PRODUCT_NAMES.find((name) => name === product);
    expect(asked.filter((id) => own && !findRule(id)?.products.includes(own))).toEqual([]);
    expect(notes.flatMap(({ rule }) => (rule && !findRule(rule) ? [rule] : []))).toEqual([]);
  });
});
