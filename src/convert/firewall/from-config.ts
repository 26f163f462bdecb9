/** Flows of a config: its VIPs, servers, SNAT addresses and health checks, and what its profiles' servers need besides. */
import { nameInFile } from '../../config/divide-services.ts';
import { PRODUCT_NAMES, type Product } from '../../catalogue/products.ts';
import { type Role, rolesNamed } from '../../catalogue/roles.ts';
import type { CatalogueRow, Peer } from '../../catalogue/row.ts';
import { selectRows } from '../../catalogue/select.ts';
import type {
  EffectiveConfig,
  EffectivePool,
  EffectiveService,
  EffectiveTopology,
  PortRange,
} from '../../model/effective.ts';
import { findProfile } from '../../profiles/profiles.ts';
import type { Flow, Party } from './flow.ts';
import { directFlows, mediaFlows, outwardFlows, pastBalancer } from './from-catalogue.ts';
import { createParties, type Parties } from './parties.ts';

export function flowsOfConfig(config: EffectiveConfig): readonly Flow[] {
  const known = config.pools
    .filter((pool) => kindOf(pool) !== null)
    .flatMap((pool) => pool.realServers.map((server) => server.address));
  const parties = createParties(known);
  const balancer = parties.own('balancer', 'the balancer itself', ownAddress(config.topology));
  const pools = config.pools.map((pool) => ({
    pool,
    kind: kindOf(pool),
    servers: parties.local(
      `pool-${pool.name}`,
      `servers of ${pool.name}`,
      pool.realServers.map((server) => server.address),
    ),
  }));
  const context = { parties, balancer };
  return [
    ...config.services.flatMap((service) => {
      const its = pools.find(({ pool }) => pool.name === service.pool);
      return its ? serviceFlows(service, its, context) : [];
    }),
    ...pools.flatMap((its) => [...checkFlows(its, balancer), ...productFlows(its, parties)]),
  ];
}

interface PoolEnds {
  readonly pool: EffectivePool;
  readonly kind: Kind | null;
  readonly servers: Party;
}

interface Context {
  readonly parties: Parties;
  readonly balancer: Party;
}

/** What the catalogue calls the load balancer of this pool. */
interface Kind {
  readonly product: Product;
  readonly role: Role;
}

/** By the profile, or by its name where servers of one role have all their balanced ports on it. */
function kindOf({ profile: name }: EffectivePool): Kind | null {
  const profile = name === null ? null : findProfile(name);
  const product = PRODUCT_NAMES.find((one) => one === profile?.product);
  if (!profile || !product) return null;
  const roles = profile.role ? [profile.role] : rolesNamed(profile.name.split('/')[1] ?? '');
  const role = roles.find((one) => selectRows({ product, roles: [one], loadBalanced: true }).length > 0);
  return role ? { product, role } : null;
}

function ownAddress(topology: EffectiveTopology): readonly string[] | undefined {
  const address = topology.mode === 'one-armed' ? null : topology.serverAddress;
  return address === null ? undefined : [address.address];
}

function serviceFlows(service: EffectiveService, its: PoolEnds, context: Context): readonly Flow[] {
  const { snat, vip } = service;
  const { pool } = its;
  const { parties, balancer } = context;
  const name = nameInFile(service);
  const ends: ServiceEnds = {
    ...its,
    service,
    name,
    vip: parties.own(`vip-${name}`, `VIP of ${name}`, [vip]),
    source: snat ? parties.own(`snat-${name}`, `source addresses of ${name}`, snat.addresses) : balancer,
    fallback:
      pool.fallback &&
      parties.own(`fallback-${pool.name}`, `fallback of ${pool.name}`, [pool.fallback.address]),
  };
  return service.ports.flatMap((range) => rangeFlows(range, ends, parties));
}

interface ServiceEnds extends PoolEnds {
  readonly service: EffectiveService;
  /** In the file. */
  readonly name: string;
  readonly vip: Party;
  /** Who connects to the servers with full NAT. */
  readonly source: Party;
  readonly fallback: Party | null;
}

function rangeFlows(range: PortRange, ends: ServiceEnds, parties: Parties): readonly Flow[] {
  const { service, name, pool, kind, servers, vip, source, fallback } = ends;
  const row = kind ? rowOf(kind, range) : null;
  const peers = (row?.peers ?? ['clients']).map((peer: Peer) => parties.peer(peer));
  const of = (from: Party, to: Party, first: number, last = first + range.last - range.first): Flow => ({
    from,
    to,
    transport: range.protocol,
    first,
    last,
    purpose: row?.purpose ?? `Virtual service ${name}`,
    source: `virtualServices[${name}]`,
  });
  const toVip = peers.map((peer) => of(peer, vip, range.first));
  const own = row ? outwardFlows(row, parties, servers) : [];
  // Without NAT the clients' packets bear the VIP all the way.
  if (service.nat === 'none') return [...toVip, ...own];
  // With half-NAT servers see the clients.
  const senders = service.nat === 'full' ? [source] : peers;
  const port = pool.fallback?.port ?? null;
  return [
    ...toVip,
    ...senders.flatMap((sender) => [
      of(sender, servers, range.serverFirst),
      ...(fallback
        ? [port === null ? of(sender, fallback, range.serverFirst) : of(sender, fallback, port, port)]
        : []),
    ]),
    ...own,
  ];
}

function rowOf({ product, role }: Kind, range: PortRange): CatalogueRow | null {
  const rows = selectRows({ product, roles: [role], port: range.first });
  return rows.find((row) => row.transport === range.protocol) ?? null;
}

function checkFlows({ pool, servers }: PoolEnds, balancer: Party): readonly Flow[] {
  return pool.healthChecks.map(({ type, port }) => ({
    from: balancer,
    to: servers,
    transport: type === 'stun' ? 'udp' : 'tcp',
    first: port,
    last: port,
    purpose: `Health check (${type})`,
    source: `pools[${pool.name}].healthChecks`,
  }));
}

/** What the servers of the product need that no virtual service carries. */
function productFlows({ kind, servers }: PoolEnds, parties: Parties): readonly Flow[] {
  if (!kind) return [];
  const { product, role } = kind;
  return [
    ...pastBalancer(product, role).flatMap((row) => directFlows(row, parties, servers)),
    ...mediaFlows(product, role, parties, servers),
  ];
}
