import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isWithin, parseNetwork } from '../../model/cidr.ts';
import { aggregated } from './families.ts';

it.each([
  [['10.0.0.44', '10.0.0.45', '10.0.0.46', '10.0.0.47'], ['10.0.0.44/30']],
  [
    ['10.0.0.45', '10.0.0.46'],
    ['10.0.0.45', '10.0.0.46'],
  ],
  [
    ['10.0.0.0/9', '10.128.0.0/9', '192.168.0.1'],
    ['10.0.0.0/8', '192.168.0.1'],
  ],
  [['2001:db8::42', '2001:db8::43'], ['2001:db8::42/127']],
  [['0.0.0.0/0', '0.0.0.0/0'], ['0.0.0.0/0']],
  [[], []],
])('%j is %j', (addresses, networks) => expect(aggregated(addresses)).toEqual(networks));

it('holds every address that went in, and no other', () => {
  const hosts = fc.uniqueArray(fc.integer({ min: 1, max: 254 }), { maxLength: 60 });
  fc.assert(
    fc.property(hosts, (last) => {
      const networks = aggregated(last.map((n) => `10.0.0.${n}`)).map((text) => {
        const parsed = parseNetwork(text);
        if (!parsed.ok) throw new Error(text);
        return parsed.cidr;
      });
      for (let n = 0; n < 256; n++) {
        expect(networks.filter((network) => isWithin(`10.0.0.${n}`, network)).length).toBe(
          last.includes(n) ? 1 : 0,
        );
      }
    }),
    { numRuns: 50 },
  );
});
