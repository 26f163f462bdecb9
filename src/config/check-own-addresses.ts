/** Addresses that this machine is to have: each is one thing only, and servers are where the topology has them. */
import { canonicalAddress } from '../model/address.ts';
import { parseAddressRange } from '../model/address-range.ts';
import { formatCidr, isWithin, networkOf, parseInterfaceAddress } from '../model/cidr.ts';
import type { Path } from '../model/path.ts';
import { type PathProblem, problem } from './issues.ts';
import type { SalvagedConfig } from './salvage.ts';

interface Role {
  readonly address: string;
  /** As the subject or object of a sentence. */
  readonly what: string;
  readonly kind: 'vip' | 'snat' | 'own' | 'gateway' | 'server';
  readonly path: Path;
}

export function checkOwnAddresses(config: SalvagedConfig): PathProblem[] {
  return [...twice(config), ...strayServers(config)];
}

/** Which two roles one address may not have; a server with the address of a VIP has checks of its own. */
const CLASHES: readonly (readonly [Role['kind'], Role['kind']])[] = [
  ['vip', 'snat'],
  ['vip', 'own'],
  ['vip', 'gateway'],
  ['snat', 'gateway'],
  ['own', 'gateway'],
  ['server', 'snat'],
  ['server', 'own'],
  ['server', 'gateway'],
];

function twice(config: SalvagedConfig): PathProblem[] {
  const roles = [...rolesOf(config)];
  const byAddress = Map.groupBy(roles, ({ address }) => address);
  return [...byAddress.values()].flatMap((same) => clashesIn(config, same));
}

function clashesIn(config: SalvagedConfig, same: readonly Role[]): PathProblem[] {
  return CLASHES.flatMap(([one, other]) => {
    // A socket of the proxy plane has its VIP's port or another one, and the kernel tells them apart.
    if (one === 'vip' && other === 'snat' && config.dataPlane === 'proxy') return [];
    const [first, second] = [same.find((r) => r.kind === one), same.find((r) => r.kind === other)];
    if (!first || !second) return [];
    const message = `${second.address} is to be ${second.what} and ${first.what}.`;
    return [
      problem('CONFIG_ADDRESS_TWICE', second.path, 'value', message, 'Give each an address of its own.'),
    ];
  });
}

function* rolesOf(config: SalvagedConfig): Generator<Role> {
  for (const [i, service] of (config.virtualServices ?? []).entries()) {
    const name = service?.name ?? `number ${i + 1}`;
    if (service?.vip !== undefined) {
      const path = ['virtualServices', i, 'vip'];
      yield { address: canonicalAddress(service.vip), what: `the VIP of \`${name}\``, kind: 'vip', path };
    }
    for (const [n, text] of (service?.snatPool ?? []).entries()) {
      const range = parseAddressRange(text ?? '');
      const path = ['virtualServices', i, 'snatPool', n];
      for (const address of range.ok ? range.addresses : []) {
        yield { address, what: `in the SNAT pool of \`${name}\``, kind: 'snat', path };
      }
    }
  }
  yield* ofTopology(config);
  for (const [i, pool] of (config.pools ?? []).entries()) {
    for (const [n, server] of (pool?.realServers ?? []).entries()) {
      if (server?.address === undefined) continue;
      const what = `the real server \`${server.name ?? n + 1}\``;
      const path = ['pools', i, 'realServers', n, 'address'];
      yield { address: canonicalAddress(server.address), what, kind: 'server', path };
    }
    if (pool?.fallback?.address === undefined) continue;
    const address = canonicalAddress(pool.fallback.address);
    const path = ['pools', i, 'fallback', 'address'];
    yield { address, what: `the fallback of \`${pool.name ?? i + 1}\``, kind: 'server', path };
  }
}

function* ofTopology({ topology }: SalvagedConfig): Generator<Role> {
  const own = serverAddressOf({ topology });
  if (own) {
    const path = ['topology', 'serverAddress'];
    yield { address: own.address, what: "the balancer's own address", kind: 'own', path };
  }
  if (topology?.gateway === undefined) return;
  const path = ['topology', 'gateway'];
  yield { address: canonicalAddress(topology.gateway), what: 'the gateway', kind: 'gateway', path };
}

function serverAddressOf({ topology }: SalvagedConfig) {
  const parsed = topology?.serverAddress === undefined ? null : parseInterfaceAddress(topology.serverAddress);
  return parsed?.ok ? parsed.cidr : null;
}

/** A server of the other family may be in a network of that family on the same interface. */
function strayServers(config: SalvagedConfig): PathProblem[] {
  const own = serverAddressOf(config);
  const mode = config.topology?.mode;
  if ((mode !== 'two-armed' && mode !== 'transparent') || own === null) return [];
  const isV6 = own.address.includes(':');
  return (config.pools ?? []).flatMap((pool, i) =>
    (pool?.realServers ?? []).flatMap((server, n) => {
      if (server?.address === undefined) return [];
      const address = canonicalAddress(server.address);
      if (address.includes(':') !== isV6 || isWithin(address, own)) return [];
      const network = formatCidr(networkOf(own));
      const message = `The real server \`${server.name ?? n + 1}\` (${address}) is not in the servers' network ${network}.`;
      const hint = 'Correct its address, or `topology.serverAddress` and its prefix length.';
      const path = ['pools', i, 'realServers', n, 'address'];
      const found = problem('CONFIG_SERVER_NETWORK', path, 'value', message, hint);
      // A bridge reaches it by its gateway; but then nothing stands in the cable to it.
      return [mode === 'two-armed' ? found : { ...found, severity: 'warning' }];
    }),
  );
}
