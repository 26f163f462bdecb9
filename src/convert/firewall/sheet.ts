/** Flows as a sheet: for the network department, and for programs. */
import { csv } from '../../lib/csv.ts';
import { type Firewall, type Flow, groupFlows, type Party, spanText } from './flow.ts';

/** A flow as `poolgate firewall --format json` prints it. */
export interface FlowRow {
  readonly from: string;
  readonly fromAddresses: readonly string[] | 'any';
  /** Whether there are addresses that only the administrator knows. */
  readonly fromOpen: boolean;
  readonly to: string;
  readonly toAddresses: readonly string[] | 'any';
  readonly toOpen: boolean;
  readonly transport: Flow['transport'];
  readonly port: number;
  readonly portEnd: number;
  readonly purpose: string;
  readonly source: string;
}

export function flowRows({ flows }: Firewall): readonly FlowRow[] {
  return sorted(flows).map(({ from, to, transport, first, last, purpose, source }) => ({
    from: from.label,
    fromAddresses: from.addresses,
    fromOpen: from.open,
    to: to.label,
    toAddresses: to.addresses,
    toOpen: to.open,
    transport,
    port: first,
    portEnd: last,
    purpose,
    source,
  }));
}

const HEAD = ['from', 'from addresses', 'to', 'to addresses', 'protocol', 'port', 'purpose', 'source'];

export function sheetText({ flows }: Firewall): string {
  return csv(
    HEAD,
    sorted(flows).map((flow) => {
      const { from, to, transport, purpose, source } = flow;
      const ends = [from.label, addressText(from), to.label, addressText(to)];
      return [...ends, transport.toUpperCase(), spanText(flow), purpose, source];
    }),
  );
}

/** `any`, addresses, or that there are some to be filled in. */
export function addressText(party: Party): string {
  const { addresses, open } = party;
  if (addresses === 'any') return 'any';
  const known = addresses.join(' ');
  if (!open) return known;
  return known === '' ? 'to be filled in' : `${known} and others`;
}

/** Each once, those of the same ends together. */
export function sorted(flows: readonly Flow[]): readonly Flow[] {
  return groupFlows(flows).flatMap((group) => group.flows);
}
