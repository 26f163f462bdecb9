/** For tests: a machine's network in memory. */
import type { Interface } from './interfaces.ts';
import type { MachineNetwork } from './network.ts';

/** An Ethernet with these addresses, each as `10.0.0.5/24`. */
export function fakeInterface(index: number, name: string, addresses: readonly string[] = []): Interface {
  return {
    index,
    name,
    otherNames: [],
    mac: `02:00:5e:00:53:0${index}`,
    hasNeighbours: true,
    switchedOn: true,
    master: null,
    up: true,
    addresses: addresses.map((text) => {
      const [address = '', prefix] = text.split('/');
      return { address, prefix: Number(prefix), duplicate: false };
    }),
  };
}

export interface FakeNetwork extends MachineNetwork {
  all: Interface[];
  /** What was done, e.g. `add 10.0.0.40 eth0`, `announce 10.0.0.40`. */
  readonly done: string[];
  /** Addresses of other machines, to their MAC. */
  readonly others: Map<string, string>;
  /** Thrown by `add` or `remove` of this address. */
  readonly failing: Map<string, Error>;
  /** Addresses of an interface, with prefix. */
  addresses(name: string): string[];
}

export function fakeNetwork(...all: Interface[]): FakeNetwork {
  const fake: FakeNetwork = {
    all,
    done: [],
    others: new Map(),
    failing: new Map(),
    addresses: (name) =>
      (fake.all.find((i) => i.name === name)?.addresses ?? []).map((a) => `${a.address}/${a.prefix}`),
    interfaces: async () => fake.all,
    present: () => new Set(fake.all.filter((i) => i.up).flatMap((i) => i.addresses.map((a) => a.address))),
    add: async (address, name, prefix) => change('add', address, name, prefix),
    remove: async (address, name, prefix) => change('remove', address, name, prefix),
    async findDuplicates(addresses) {
      fake.done.push(`check ${addresses.join(' ')}`);
      return { owners: new Map([...fake.others].filter(([a]) => addresses.includes(a))), unasked: [] };
    },
    announce(addresses) {
      fake.done.push(`announce ${addresses.join(' ')}`);
      return [];
    },
  };

  function change(verb: 'add' | 'remove', address: string, name: string, prefix: number): void {
    const error = fake.failing.get(address);
    if (error) throw error;
    fake.done.push(`${verb} ${address} ${name}`);
    fake.all = fake.all.map((i) => {
      if (i.name !== name) return i;
      const others = i.addresses.filter((a) => a.address !== address || a.prefix !== prefix);
      return {
        ...i,
        addresses: verb === 'add' ? [...others, { address, prefix, duplicate: false }] : others,
      };
    });
  }
  return fake;
}
