/** Who stands at the other end of a row of the catalogue, and what an administrator says of addresses. */
import type { Peer } from '../../catalogue/row.ts';
import { PoolgateError } from '../../lib/errors.ts';
import { nearest } from '../../lib/nearest.ts';
import { type Flow, type Party, partiesOf } from './flow.ts';

const KNOWN: Readonly<Record<Peer, { readonly label: string; readonly any?: true }>> = {
  clients: { label: 'clients', any: true },
  outside: { label: 'everybody outside', any: true },
  servers: { label: 'servers of the product' },
  directory: { label: 'domain controllers' },
  gateways: { label: 'telephone gateways' },
  edge: { label: 'Edge Servers' },
  'reverse-proxy': { label: 'the reverse proxy' },
  administrators: { label: "administrators' machines" },
};

/** Makes each party once. */
export interface Parties {
  peer(peer: Peer): Party;
  /** @param addresses none: only the administrator knows them */
  own(id: string, label: string, addresses?: readonly string[]): Party;
  /** The same, of the machines that it is about. */
  local(id: string, label: string, addresses?: readonly string[]): Party;
}

/** @param servers addresses of servers of the product that are known; there may be others */
export function createParties(servers: readonly string[] = []): Parties {
  const made = new Map<string, Party>();
  const once = (party: Party): Party => {
    const before = made.get(party.id);
    if (before) return before;
    made.set(party.id, party);
    return party;
  };
  return {
    peer(peer) {
      const { label, any } = KNOWN[peer];
      const addresses = peer === 'servers' ? [...new Set(servers)] : [];
      return once({ id: peer, label, addresses: any ? 'any' : addresses, open: !any });
    },
    own: (id, label, addresses) => once({ id, label, addresses: addresses ?? [], open: !addresses }),
    local: (id, label, addresses) =>
      once({ id, label, addresses: addresses ?? [], open: !addresses, local: true }),
  };
}

/**
 * Puts in the addresses that the administrator gives: beside those that are known, or instead of `any`.
 * @throws PoolgateError UNKNOWN_PARTY for a party that has no part in these flows
 */
export function withAddresses(
  flows: readonly Flow[],
  given: ReadonlyMap<string, readonly string[]>,
): readonly Flow[] {
  const parties = partiesOf(flows);
  const ids = parties.map((party) => party.id);
  for (const name of given.keys()) {
    if (ids.includes(name)) continue;
    const near = nearest(name, ids);
    throw new PoolgateError('UNKNOWN_PARTY', `Nobody here is called ${JSON.stringify(name)}.`, {
      hint: near ? `Did you mean ${near}?` : `There are: ${ids.join(', ')}.`,
    });
  }
  const filled = new Map(
    parties.map((party) => {
      const more = given.get(party.id);
      if (!more) return [party.id, party];
      const before = party.addresses === 'any' ? [] : party.addresses;
      return [party.id, { ...party, addresses: [...new Set([...before, ...more])], open: false }];
    }),
  );
  return flows.map((flow) => ({
    ...flow,
    from: filled.get(flow.from.id) ?? flow.from,
    to: filled.get(flow.to.id) ?? flow.to,
  }));
}
