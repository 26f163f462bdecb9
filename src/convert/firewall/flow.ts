/** What must pass: from whom to whom, on which ports, and why. The formats of this folder write flows and nothing else. */
import type { Transport } from '../../catalogue/row.ts';

/** One end of flows: clients, a VIP, the servers of a pool. Each is one object, however many flows it has. */
export interface Party {
  /** Lower case, words joined by hyphens; unique. What people name it by, as in `--address clients=10.0.0.0/8`. */
  readonly id: string;
  /** For people. */
  readonly label: string;
  /** Addresses and networks; `any`: everybody. */
  readonly addresses: readonly string[] | 'any';
  /** Whether there are others, or all, that only the administrator knows. */
  readonly open: boolean;
  /** The machines that it is about: the real servers, or the clients of a role of clients. */
  readonly local?: true;
}

export interface Flow {
  readonly from: Party;
  readonly to: Party;
  readonly transport: Transport;
  readonly first: number;
  /** The same as `first` for a single port. */
  readonly last: number;
  readonly purpose: string;
  /** The documents, or the part of the config. */
  readonly source: string;
}

/** What a format is made from. */
export interface Firewall {
  /** The role or the config that it is for. */
  readonly subject: string;
  readonly flows: readonly Flow[];
}

/** Flows of the same ends and transport: one rule of a firewall. */
export interface FlowGroup {
  readonly from: Party;
  readonly to: Party;
  readonly transport: Transport;
  readonly flows: readonly Flow[];
}

/** Each flow once; ports of the same ends together, ascending. */
export function groupFlows(flows: readonly Flow[]): readonly FlowGroup[] {
  const groups = new Map<string, Flow[]>();
  for (const flow of flows) {
    const key = `${flow.from.id} ${flow.to.id} ${flow.transport}`;
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    if (!group.some((other) => other.first === flow.first && other.last === flow.last)) group.push(flow);
  }
  return [...groups.values()].flatMap((group) => {
    const [one] = group;
    const sorted = group.toSorted((a, b) => a.first - b.first || a.last - b.last);
    return one ? [{ from: one.from, to: one.to, transport: one.transport, flows: sorted }] : [];
  });
}

/** Every end once, in the order of the flows. */
export function partiesOf(flows: readonly Flow[]): readonly Party[] {
  const parties = new Map<string, Party>();
  for (const flow of flows) for (const end of [flow.from, flow.to]) parties.set(end.id, end);
  return [...parties.values()];
}

/** `443`, `50000-50019`. */
export function spanText({ first, last }: { first: number; last: number }): string {
  return first === last ? String(first) : `${first}-${last}`;
}

/** Ranges that neither overlap nor touch, ascending: sets of ports must not name a port twice. */
export function mergeSpans(
  spans: readonly { first: number; last: number }[],
): { first: number; last: number }[] {
  const merged: { first: number; last: number }[] = [];
  for (const { first, last } of spans.toSorted((a, b) => a.first - b.first)) {
    const before = merged.at(-1);
    if (before && first <= before.last + 1) before.last = Math.max(before.last, last);
    else merged.push({ first, last });
  }
  return merged;
}
