/** Flows of a role: what its rows of the catalogue need open, with the load balancer in between where there is one. */
import type { Product } from '../../catalogue/products.ts';
import { pastOf, type Role, ROLES, serversOf } from '../../catalogue/roles.ts';
import { type CatalogueRow, citationText, type Peer } from '../../catalogue/row.ts';
import { selectRows } from '../../catalogue/select.ts';
import type { NatMode } from '../../model/effective.ts';
import { PROFILES } from '../../profiles/profiles.ts';
import type { Flow, Party } from './flow.ts';
import { createParties, type Parties } from './parties.ts';

/** Programs of clients; their rows say by which ports servers reach them. */
const CLIENTS: readonly Role[] = ['communicator', 'live-meeting', 'communicator-mobile', 'clients'];

/** @param role one that the product has */
export function flowsOfRole(product: Product, role: Role): readonly Flow[] {
  const parties = createParties();
  const servers = serversOf(role);
  const client = CLIENTS.includes(role);
  const self = parties.local(client ? 'clients' : servers, ROLES[servers].title);
  const rows = selectRows({ product, roles: [role] });
  if (client) {
    const vip = parties.own('vip', 'VIP of the pool');
    return rows.flatMap((row) => clientFlows(row, { parties, self, vip }));
  }
  const { title } = ROLES[servers];
  const ends = {
    parties,
    self,
    vip: parties.own(`vip-${servers}`, `VIP of: ${title}`),
    balancer: parties.own(`balancer-${servers}`, `load balancer of: ${title}`),
    nat: natModes(product, role),
  };
  return [
    ...rows.filter((row) => row.loadBalanced).flatMap((row) => balancedFlows(row, ends)),
    ...pastBalancer(product, role).flatMap((row) => directFlows(row, parties, self)),
    ...mediaFlows(product, role, parties, self),
  ];
}

/** Rows of the servers behind this role's load balancer, or of the role's own, that are reached past it. */
export function pastBalancer(product: Product, role: Role): readonly CatalogueRow[] {
  const servers = serversOf(role);
  const rows = selectRows({ product, roles: [servers] });
  const past = pastOf(role);
  if (past === 'none') return [];
  if (past === 'never-balanced') return rows.filter((row) => !row.loadBalanced);
  const through = selectRows({ product, roles: [role] });
  return rows.filter(
    (row) => !through.some((other) => other.port === row.port && other.transport === row.transport),
  );
}

/** What goes straight between the servers and everybody else. */
export function directFlows(row: CatalogueRow, parties: Parties, self: Party): readonly Flow[] {
  const inward = row.peers.map((peer) => flow(row, parties.peer(peer), self));
  return row.direction === 'outbound'
    ? outwardFlows(row, parties, self)
    : [...inward, ...outwardFlows(row, parties, self)];
}

/** What the servers connect to themselves. */
export function outwardFlows(row: CatalogueRow, parties: Parties, self: Party): readonly Flow[] {
  if (row.direction === 'inbound') return [];
  return (
    row.peers
      // By which ports servers reach clients is the clients' affair.
      .filter((peer) => row.direction === 'outbound' || peer !== 'clients')
      .map((peer) => flow(row, self, parties.peer(peer)))
  );
}

/** Media goes both ways: servers that have ports for it with clients reach the clients' ports too. */
export function mediaFlows(product: Product, role: Role, parties: Parties, self: Party): readonly Flow[] {
  const own = pastBalancer(product, role).filter(
    (row) => row.direction === 'both' && row.peers.includes('clients'),
  );
  return selectRows({ product, roles: CLIENTS, direction: 'both' })
    .filter((row) => row.peers.includes('servers'))
    .filter((row) => own.some((media) => media.transport === row.transport))
    .map((row) => flow(row, self, parties.peer('clients')));
}

/** How profiles have connections of such servers translated; several sides of one server may differ. */
function natModes(product: Product, role: Role): ReadonlySet<NatMode> {
  const modes = PROFILES.filter(
    (profile) =>
      profile.product === product &&
      profile.role !== undefined &&
      (profile.role === role || serversOf(profile.role) === role),
  ).flatMap((profile) => profile.nat?.value ?? []);
  return new Set(modes.length > 0 ? modes : ['full']);
}

interface Ends {
  readonly parties: Parties;
  readonly self: Party;
  readonly vip: Party;
}

interface BalancedEnds extends Ends {
  readonly balancer: Party;
  readonly nat: ReadonlySet<NatMode>;
}

function balancedFlows(row: CatalogueRow, ends: BalancedEnds): readonly Flow[] {
  const { parties, self, vip, balancer, nat } = ends;
  const peers = row.peers.map((peer) => parties.peer(peer));
  const out = outwardFlows(row, parties, self);
  if (row.direction === 'outbound') return out;
  return [
    ...peers.map((peer) => flow(row, peer, vip)),
    // With half-NAT servers see the clients; health checks are the balancer's own all the same.
    ...(nat.has('half') ? peers.map((peer) => flow(row, peer, self)) : []),
    flow(row, balancer, self),
    ...out,
  ];
}

function clientFlows(row: CatalogueRow, { parties, self, vip }: Ends): readonly Flow[] {
  const ends = row.peers.map((peer: Peer) =>
    peer === 'servers' && row.loadBalanced ? vip : parties.peer(peer),
  );
  const out = ends.map((end) => flow(row, self, end));
  return row.direction === 'both'
    ? [...out, ...ends.filter((end) => end !== self).map((end) => flow(row, end, self))]
    : out;
}

function flow(row: CatalogueRow, from: Party, to: Party): Flow {
  return {
    from,
    to,
    transport: row.transport,
    first: row.port,
    last: row.portEnd,
    purpose: row.purpose,
    source: row.sources.map(citationText).join('; '),
  };
}
