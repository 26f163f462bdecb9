import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Interface } from './interfaces.ts';
import { type Owned, reconcile } from './reconcile.ts';
import { fakeInterface } from './testing.ts';

function withAddresses(index: number, name: string, ...addresses: string[]): Interface {
  return fakeInterface(index, name, addresses);
}

const eth0 = withAddresses(2, 'eth0', '10.0.0.5/24', '10.0.0.40/32', '10.0.0.41/32');
const eth1 = withAddresses(3, 'eth1', '10.0.0.42/32', '10.0.0.43/24');
const interfaces = [eth0, eth1];

function own(address: string, interfaceIndex: number): Owned {
  return { address, interfaceIndex };
}

test('missing ones are added; ours are kept; those of others are used; what nobody wants of ours goes', () => {
  const ours = [own('10.0.0.40', 2), own('10.0.0.42', 3)];
  const wanted = ['10.0.0.40', '10.0.0.41', '10.0.0.43', '10.0.0.50'];
  const steps = reconcile({ wanted, interfaces, on: eth0, ours });
  expect(steps.add).toEqual(['10.0.0.50']);
  expect(steps.keep.map((p) => p.address)).toEqual(['10.0.0.40']);
  expect(steps.found.map((p) => `${p.address} ${p.interfaceName}`)).toEqual([
    '10.0.0.41 eth0',
    '10.0.0.43 eth1',
  ]);
  expect(steps.remove).toEqual([{ address: '10.0.0.42', interfaceIndex: 3, interfaceName: 'eth1' }]);
});

test('an address with a network is never ours, whatever the records say', () => {
  const steps = reconcile({
    wanted: [],
    interfaces,
    on: eth0,
    ours: [own('10.0.0.5', 2), own('10.0.0.43', 3)],
  });
  expect(steps.remove).toEqual([]);
});

test('ours on another interface than the one of the config moves', () => {
  const steps = reconcile({ wanted: ['10.0.0.42'], interfaces, on: eth0, ours: [own('10.0.0.42', 3)] });
  expect(steps).toMatchObject({ add: ['10.0.0.42'], keep: [], remove: [{ interfaceName: 'eth1' }] });
});

test('without an interface nothing is added, and what is still wanted stays', () => {
  const ours = [own('10.0.0.40', 2), own('10.0.0.41', 2)];
  const steps = reconcile({ wanted: ['10.0.0.40', '10.0.0.99'], interfaces, on: null, ours });
  expect(steps).toMatchObject({
    add: [],
    keep: [{ address: '10.0.0.40' }],
    remove: [{ address: '10.0.0.41' }],
  });
});

test('an address that the kernel gave up on is of no use', () => {
  const failed = { ...eth0, addresses: [{ address: '2001:db8::40', prefix: 64, duplicate: true }] };
  const steps = reconcile({ wanted: ['2001:db8::40'], interfaces: [failed], on: failed, ours: [] });
  expect(steps).toMatchObject({ add: [], found: [], unusable: [{ address: '2001:db8::40' }] });
});

const address = fc.nat(9).map((n) => `10.0.0.${40 + n}`);
const one = (index: number, name: string) =>
  fc
    .uniqueArray(fc.tuple(address, fc.constantFrom(24, 32)), { selector: ([a]) => a, maxLength: 6 })
    .map((list) => withAddresses(index, name, ...list.map(([a, prefix]) => `${a}/${prefix}`)));
const situation = fc.record({
  wanted: fc.uniqueArray(address),
  interfaces: fc.tuple(one(2, 'eth0'), one(3, 'eth1')),
  hasInterface: fc.boolean(),
  ours: fc.array(fc.tuple(address, fc.constantFrom(2, 3)).map(([a, i]) => own(a, i))),
});

test('done once, what is wanted is there and nothing else of ours; done twice, there is nothing to do', () => {
  fc.assert(
    fc.property(situation, ({ wanted, interfaces: both, hasInterface, ours }) => {
      const on = hasInterface ? both[0] : null;
      const steps = reconcile({ wanted, interfaces: both, on, ours });
      // Nothing that is not in our records is ever removed.
      for (const gone of steps.remove) {
        expect(ours).toContainEqual({ address: gone.address, interfaceIndex: gone.interfaceIndex });
      }
      const after = both.map((i) => ({
        ...i,
        addresses: [
          ...i.addresses.filter(
            (a) => !steps.remove.some((r) => r.address === a.address && r.interfaceIndex === i.index),
          ),
          ...(i === on ? steps.add.map((a) => ({ address: a, prefix: 32, duplicate: false })) : []),
        ],
      }));
      const oursAfter = [...steps.keep, ...(on ? steps.add.map((a) => own(a, on.index)) : [])];
      const again = reconcile({
        wanted,
        interfaces: after,
        on: on && (after.find((i) => i.index === on.index) ?? null),
        ours: oursAfter,
      });
      expect(again.add).toEqual([]);
      expect(again.remove).toEqual([]);
      const there = new Set(after.flatMap((i) => i.addresses.map((a) => a.address)));
      expect(wanted.filter((a) => on !== null && !there.has(a))).toEqual([]);
    }),
  );
});
