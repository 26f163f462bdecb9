import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Interface } from './interfaces.ts';
import { type Owned, reconcile, type Target } from './reconcile.ts';
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

/** Each to be there alone. */
function on(place: Interface | null, ...addresses: string[]): Target[] {
  return addresses.map((address) => ({ address, prefix: address.includes(':') ? 128 : 32, on: place }));
}

test('missing ones are added; ours are kept; those of others are used; what nobody wants of ours goes', () => {
  const ours = [own('10.0.0.40', 2), own('10.0.0.42', 3)];
  const wanted = ['10.0.0.40', '10.0.0.41', '10.0.0.43', '10.0.0.50'];
  const steps = reconcile({ wanted: on(eth0, ...wanted), interfaces, ours });
  expect(steps.add).toEqual([{ address: '10.0.0.50', interfaceIndex: 2, interfaceName: 'eth0' }]);
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
    ours: [own('10.0.0.5', 2), own('10.0.0.43', 3)],
  });
  expect(steps.remove).toEqual([]);
});

test('ours on another interface than the one of the config moves', () => {
  const steps = reconcile({ wanted: on(eth0, '10.0.0.42'), interfaces, ours: [own('10.0.0.42', 3)] });
  expect(steps).toMatchObject({
    add: [{ address: '10.0.0.42' }],
    keep: [],
    remove: [{ interfaceName: 'eth1' }],
  });
});

test('without an interface nothing is added, and what is still wanted stays', () => {
  const ours = [own('10.0.0.40', 2), own('10.0.0.41', 2)];
  const steps = reconcile({ wanted: on(null, '10.0.0.40', '10.0.0.99'), interfaces, ours });
  expect(steps).toMatchObject({
    add: [],
    keep: [{ address: '10.0.0.40' }],
    remove: [{ address: '10.0.0.41' }],
  });
});

test('one with its network is ours with the prefix that we gave it, and with no other', () => {
  const own24 = { address: '10.0.0.43', interfaceIndex: 3, prefix: 24 };
  const wanted = [{ address: '10.0.0.43', prefix: 24, on: eth1 }];
  expect(reconcile({ wanted, interfaces, ours: [own24] })).toMatchObject({ keep: [own24], add: [] });
  const wider = [{ address: '10.0.0.43', prefix: 16, on: eth1 }];
  expect(reconcile({ wanted: wider, interfaces, ours: [own24] })).toMatchObject({
    add: [{ address: '10.0.0.43', prefix: 16 }],
    remove: [own24],
  });
});

test('an address that the kernel gave up on is of no use', () => {
  const failed = { ...eth0, addresses: [{ address: '2001:db8::40', prefix: 64, duplicate: true }] };
  const steps = reconcile({ wanted: on(failed, '2001:db8::40'), interfaces: [failed], ours: [] });
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
      const place = hasInterface ? both[0] : null;
      const steps = reconcile({ wanted: on(place, ...wanted), interfaces: both, ours });
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
          ...(i === place
            ? steps.add.map((a) => ({ address: a.address, prefix: 32, duplicate: false }))
            : []),
        ],
      }));
      const oursAfter = [...steps.keep, ...steps.add];
      const again = reconcile({
        wanted: on(place && (after.find((i) => i.index === place.index) ?? null), ...wanted),
        interfaces: after,
        ours: oursAfter,
      });
      expect(again.add).toEqual([]);
      expect(again.remove).toEqual([]);
      const there = new Set(after.flatMap((i) => i.addresses.map((a) => a.address)));
      expect(wanted.filter((a) => place !== null && !there.has(a))).toEqual([]);
    }),
  );
});
