import { beforeEach, expect, test } from 'vitest';
import { manualClock } from '../lib/manual-clock.ts';
import type { EffectiveConfig } from '../model/effective.ts';
import type { EventDraft } from '../state/events.ts';
import { config } from '../state/testing.ts';
import { ANNOUNCE_TIMES_MS } from './announce.ts';
import { AddressKeeper, CONFLICTS_EVERY_LOOKS, LOOK_EVERY_MS } from './keeper.ts';
import type { Owned } from './reconcile.ts';
import { fakeInterface, type FakeNetwork, fakeNetwork } from './testing.ts';
import { oneArmed } from '../model/effective.ts';

let network: FakeNetwork;
let clock: ReturnType<typeof manualClock>;
let events: EventDraft[];
let saved: readonly Owned[];
let saveError: Error | null;
let sources: ReadonlySet<string>;

beforeEach(() => {
  network = fakeNetwork(fakeInterface(1, 'lo', ['127.0.0.1/8']), fakeInterface(2, 'eth0', ['10.0.0.5/24']));
  clock = manualClock();
  events = [];
  saved = [];
  saveError = null;
  sources = new Set();
});

async function sourcesInUse(): Promise<ReadonlySet<string>> {
  return sources;
}

function keeper(): AddressKeeper {
  const store = {
    load: async () => saved,
    save: async (ours: readonly Owned[]) => {
      if (saveError) throw saveError;
      saved = ours.map(({ address, interfaceIndex }) => ({ address, interfaceIndex }));
    },
  };
  return new AddressKeeper({ network, store, clock, sourcesInUse, tell: (draft) => void events.push(draft) });
}

function wants(vips: readonly string[], interfaceName: string | null = 'eth0'): EffectiveConfig {
  const [service] = config().services;
  if (!service) throw new Error('no service');
  const services = vips.map((vip, i) => ({ ...service, name: `s${i}`, vip }));
  return config({}, { services, topology: oneArmed(interfaceName) });
}

async function change(one: AddressKeeper, to: EffectiveConfig): Promise<void> {
  await (await one.stage(to, 'api')).commit();
}

function messages(): string[] {
  return events.map((e) => `${e.kind}: ${e.message}`);
}

test('checked, recorded and added before the config stands; announced when it does, and some times later', async () => {
  const one = keeper();
  const staged = await one.stage(wants(['10.0.0.40', '127.0.0.2', '10.0.0.40']), 'start');
  expect(network.done).toEqual(['check 10.0.0.40', 'add 10.0.0.40 eth0']);
  expect(saved).toEqual([{ address: '10.0.0.40', interfaceIndex: 2 }]);
  expect(events).toEqual([]);
  await staged.commit();
  await clock.advance(ANNOUNCE_TIMES_MS.at(-1) ?? 0);
  expect(network.done.slice(2)).toEqual(ANNOUNCE_TIMES_MS.map(() => 'announce 10.0.0.40'));
  expect(messages()).toEqual(['address-added: Address 10.0.0.40 added to eth0 and announced.']);
  expect(one.view()).toEqual([
    { address: '10.0.0.40', interface: 'eth0', ours: true, present: true, conflict: null },
  ]);
});

test('the same wish again costs nothing', async () => {
  const one = keeper();
  await change(one, wants(['10.0.0.40']));
  network.interfaces = () => Promise.reject(new Error('asked'));
  await expect(change(one, wants(['10.0.0.40']))).resolves.toBeUndefined();
});

test('without an interface nothing is looked at', async () => {
  network.interfaces = () => Promise.reject(new Error('asked'));
  const one = keeper();
  await change(one, wants(['10.0.0.40'], null));
  await one.close('signal');
  expect(one.view()).toEqual([]);
});

test('a duplicate is refused with its MAC, and nothing of that change is done', async () => {
  const one = keeper();
  await change(one, wants(['10.0.0.40']));
  network.others.set('10.0.0.41', '02:00:5e:00:53:99');
  const before = network.addresses('eth0');
  await expect(one.stage(wants(['10.0.0.41', '10.0.0.42']), 'api')).rejects.toMatchObject({
    code: 'ADDRESS_DUPLICATE',
    message: '10.0.0.41 (02:00:5e:00:53:99) is in use by another machine on eth0.',
  });
  expect(network.addresses('eth0')).toEqual(before);
  expect(events.at(-1)).toMatchObject({ kind: 'address-duplicate', severity: 'error', actor: 'api' });
  await change(one, wants(['10.0.0.40', '10.0.0.43']));
  expect(network.addresses('eth0')).toEqual([...before, '10.0.0.43/32']);
});

test('one that cannot be added takes back those before it', async () => {
  const one = keeper();
  network.failing.set('10.0.0.41', new Error('no room'));
  await expect(one.stage(wants(['10.0.0.40', '10.0.0.41']), 'api')).rejects.toThrow('no room');
  expect(network.addresses('eth0')).toEqual(['10.0.0.5/24']);
  expect(saved).toEqual([]);
});

test('a change that does not stand is taken back, and can be asked for again', async () => {
  const one = keeper();
  await change(one, wants(['10.0.0.40']));
  const staged = await one.stage(wants(['10.0.0.41']), 'api');
  await staged.discard();
  expect(network.addresses('eth0')).toEqual(['10.0.0.5/24', '10.0.0.40/32']);
  expect(saved).toEqual([{ address: '10.0.0.40', interfaceIndex: 2 }]);
  await change(one, wants(['10.0.0.41']));
  expect(network.addresses('eth0')).toEqual(['10.0.0.5/24', '10.0.0.41/32']);
  expect(messages().at(-1)).toBe('address-removed: Address 10.0.0.40 removed from eth0.');
});

test('after a crash those still wanted are taken over unchecked, the others removed, strangers left alone', async () => {
  network = fakeNetwork(fakeInterface(2, 'eth0', ['10.0.0.40/32', '10.0.0.41/32', '10.0.0.42/32']));
  saved = ['10.0.0.40', '10.0.0.41'].map((address) => ({ address, interfaceIndex: 2 }));
  const one = keeper();
  await change(one, wants(['10.0.0.40', '10.0.0.42']));
  expect(network.done).toEqual(['announce 10.0.0.40', 'remove 10.0.0.41 eth0']);
  expect(messages()[0]).toContain('from earlier; taken over');
  await one.close('signal');
  expect(network.addresses('eth0')).toEqual(['10.0.0.42/32']);
  expect(saved).toEqual([]);
  expect(clock.pending()).toBe(0);
});

test('one that goes is not announced any more', async () => {
  const one = keeper();
  await change(one, wants(['10.0.0.40', '10.0.0.41']));
  await change(one, wants(['10.0.0.41']));
  network.done.length = 0;
  await clock.advance(2000);
  expect(network.done).toEqual(['announce 10.0.0.41']);
});

test('a link that is down is told of, and stops nothing', async () => {
  network.all = network.all.map((i) => ({ ...i, up: false }));
  const one = keeper();
  await change(one, wants(['10.0.0.40']));
  expect(network.done).not.toContain('check 10.0.0.40');
  expect(events[0]).toMatchObject({ kind: 'address-trouble', severity: 'warning' });
  expect(network.addresses('eth0')).toContain('10.0.0.40/32');
});

test('records that cannot be written, and addresses that cannot be removed, are told of', async () => {
  saveError = new Error('disk full');
  const one = keeper();
  await change(one, wants(['10.0.0.40']));
  expect(messages()[0]).toContain('address-trouble: Which addresses were added could not be kept');
  saveError = null;
  network.failing.set('10.0.0.40', new Error('busy'));
  await change(one, wants(['10.0.0.41']));
  expect(messages().at(-1)).toBe('address-trouble: busy');
  expect(saved).toContainEqual({ address: '10.0.0.40', interfaceIndex: 2 });
  network.failing.clear();
  await one.close('signal');
  expect(network.addresses('eth0')).toEqual(['10.0.0.5/24']);
});

/** As another program takes an address away. */
function takeAway(address: string): void {
  network.all = network.all.map((i) => ({
    ...i,
    addresses: i.addresses.filter((a) => a.address !== address),
  }));
}

function setLink(up: boolean): void {
  network.all = network.all.map((i) => ({ ...i, up }));
}

test('one that somebody takes away is checked and put back', async () => {
  const one = keeper();
  await change(one, wants(['10.0.0.40', '10.0.0.41']));
  await clock.advance(LOOK_EVERY_MS - 1);
  takeAway('10.0.0.40');
  network.done.length = 0;
  await clock.advance(1);
  expect(network.done).toEqual(
    expect.arrayContaining(['check 10.0.0.40', 'add 10.0.0.40 eth0', 'announce 10.0.0.40']),
  );
  expect(messages().at(-1)).toContain(
    'Address 10.0.0.40 had been removed from eth0 by somebody else; added again',
  );
  expect(saved.map((o) => o.address).toSorted()).toEqual(['10.0.0.40', '10.0.0.41']);
  expect(one.view().every((a) => a.present && a.ours)).toBe(true);
  await one.close('signal');
  expect(network.addresses('eth0')).toEqual(['10.0.0.5/24']);
  expect(clock.pending()).toBe(0);
});

test('one that another machine has by then is not, and that is told once', async () => {
  const one = keeper();
  await change(one, wants(['10.0.0.40']));
  takeAway('10.0.0.40');
  network.others.set('10.0.0.40', '02:00:5e:00:53:99');
  await clock.advance(5 * LOOK_EVERY_MS);
  expect(network.addresses('eth0')).toEqual(['10.0.0.5/24']);
  expect(messages().slice(1)).toEqual([
    'address-trouble: 10.0.0.40 (02:00:5e:00:53:99) is in use by another machine on eth0.',
  ]);
  expect(one.view()).toMatchObject([{ present: false }]);
  network.others.clear();
  await clock.advance(LOOK_EVERY_MS);
  expect(one.view()).toMatchObject([{ present: true }]);
});

test('a link that goes down is told of once, and one that comes back has everything announced', async () => {
  const one = keeper();
  await change(one, wants(['10.0.0.40']));
  await clock.advance(ANNOUNCE_TIMES_MS.at(-1) ?? 0);
  setLink(false);
  await clock.advance(3 * LOOK_EVERY_MS);
  expect(messages().slice(1)).toEqual([
    'address-trouble: eth0 is down or not connected: nobody reaches 10.0.0.40.',
  ]);
  expect(one.view()).toMatchObject([{ present: false }]);
  setLink(true);
  network.done.length = 0;
  await clock.advance(LOOK_EVERY_MS);
  expect(network.done[0]).toBe('announce 10.0.0.40');
  expect(messages().at(-1)).toBe('address-announced: eth0 is back: 10.0.0.40 announced again.');
  expect(one.view()).toMatchObject([{ present: true }]);
});

test('one that open connections to servers come from goes when they have', async () => {
  const one = keeper();
  await change(one, wants(['10.0.0.40', '10.0.0.41']));
  sources = new Set(['10.0.0.40']);
  await change(one, wants(['10.0.0.41']));
  await clock.advance(2 * LOOK_EVERY_MS);
  expect(network.addresses('eth0')).toContain('10.0.0.40/32');
  expect(saved).toContainEqual({ address: '10.0.0.40', interfaceIndex: 2 });
  sources = new Set();
  await clock.advance(LOOK_EVERY_MS);
  expect(network.addresses('eth0')).toEqual(['10.0.0.5/24', '10.0.0.41/32']);
  expect(saved).toEqual([{ address: '10.0.0.41', interfaceIndex: 2 }]);
});

test('nothing is looked at while a change is under way', async () => {
  const one = keeper();
  await change(one, wants(['10.0.0.40']));
  const staged = await one.stage(wants(['10.0.0.40', '10.0.0.41']), 'api');
  takeAway('10.0.0.40');
  network.done.length = 0;
  await clock.advance(LOOK_EVERY_MS);
  expect(network.done).not.toContain('add 10.0.0.40 eth0');
  await staged.discard();
  await clock.advance(LOOK_EVERY_MS);
  expect(network.done).toContain('add 10.0.0.40 eth0');
});

test('of two that went, the one that is still free comes back', async () => {
  const one = keeper();
  await change(one, wants(['10.0.0.40', '10.0.0.41']));
  takeAway('10.0.0.40');
  takeAway('10.0.0.41');
  network.others.set('10.0.0.40', '02:00:5e:00:53:99');
  await clock.advance(LOOK_EVERY_MS);
  expect(network.addresses('eth0')).toEqual(['10.0.0.5/24', '10.0.0.41/32']);
  expect(one.view().map((a) => [a.address, a.present])).toEqual([
    ['10.0.0.40', false],
    ['10.0.0.41', true],
  ]);
});

test('another machine that takes one of ours is named, once, until it is gone', async () => {
  const one = keeper();
  await change(one, wants(['10.0.0.40']));
  network.others.set('10.0.0.40', '02:00:5e:00:53:99');
  await clock.advance(3 * CONFLICTS_EVERY_LOOKS * LOOK_EVERY_MS);
  expect(events.slice(1)).toMatchObject([{ kind: 'address-duplicate', severity: 'error', actor: 'network' }]);
  expect(messages()[1]).toContain('02:00:5e:00:53:99 answers for it on eth0');
  expect(one.view()).toMatchObject([{ present: true, conflict: '02:00:5e:00:53:99' }]);
  network.others.clear();
  await clock.advance(CONFLICTS_EVERY_LOOKS * LOOK_EVERY_MS);
  expect(messages()[2]).toContain('Nobody else answers for address 10.0.0.40');
  expect(one.view()).toMatchObject([{ conflict: null }]);
});

test('a VIP that lies in no network of the interface is added, with a warning', async () => {
  await change(keeper(), wants(['10.0.9.40', '10.0.0.40']));
  expect(events.at(-1)).toMatchObject({ kind: 'address-trouble', severity: 'warning' });
  expect(messages().at(-1)).toContain('10.0.9.40: in no network of eth0');
});

test('two arms: each side has its own, checked and announced there; our own address has its network', async () => {
  network = fakeNetwork(fakeInterface(2, 'eth0', ['10.0.0.5/24']), fakeInterface(3, 'eth1'));
  const topology = {
    mode: 'two-armed',
    clientInterface: 'eth0',
    serverInterface: 'eth1',
    serverAddress: { address: '192.168.0.40', prefix: 24 },
    routing: false,
    filter: [],
    keepAtStop: false,
  } as const;
  const [service] = config().services;
  if (!service) throw new Error('no service');
  const snat = { addresses: ['192.168.0.44'], ports: null };
  const one = keeper();
  await change(one, config({}, { topology, services: [{ ...service, vip: '10.0.0.40', snat }] }));
  expect(network.addresses('eth0')).toEqual(['10.0.0.5/24', '10.0.0.40/32']);
  expect(network.addresses('eth1')).toEqual(['192.168.0.40/24', '192.168.0.44/32']);
  expect(network.done.filter((what) => !what.startsWith('add'))).toEqual([
    'check 10.0.0.40',
    'check 192.168.0.40 192.168.0.44',
    'announce 10.0.0.40',
    'announce 192.168.0.40 192.168.0.44',
  ]);
  expect(events.map((e) => e.kind)).not.toContain('address-trouble');
  await one.close('signal');
  expect([...network.addresses('eth0'), ...network.addresses('eth1')]).toEqual(['10.0.0.5/24']);
});

test('kept at a stop: they stay with their record, and the next run takes them over', async () => {
  const keep = { ...wants(['10.0.0.40']), topology: { ...oneArmed('eth0'), keepAtStop: true } };
  const first = keeper();
  await change(first, keep);
  await first.close('signal');
  expect(network.addresses('eth0')).toContain('10.0.0.40/32');
  expect(saved).toEqual([{ address: '10.0.0.40', interfaceIndex: 2 }]);
  network.done.length = 0;
  const next = keeper();
  await change(next, wants(['10.0.0.40']));
  expect(network.done).toEqual(['announce 10.0.0.40']);
  await next.close('signal');
  expect(network.addresses('eth0')).toEqual(['10.0.0.5/24']);
});
