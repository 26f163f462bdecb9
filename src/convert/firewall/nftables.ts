/** Flows as an nftables ruleset for a firewall or router that the traffic passes. */
import { addressesOf, FAMILIES, type Family, speaks } from './families.ts';
import {
  type Firewall,
  type Flow,
  type FlowGroup,
  groupFlows,
  mergeSpans,
  type Party,
  partiesOf,
  spanText,
} from './flow.ts';
import { fillIn, namesOf, oneLine, purposes } from './words.ts';

const TABLE = 'inet poolgate_firewall';

/** The name of the set of a party's addresses of one family. */
type SetName = (party: Party, family: Family) => string;

/** The file replaces this table and no other; loading it again is harmless. */
export function nftablesText(firewall: Firewall): string {
  const groups = groupFlows(firewall.flows);
  const setName = setNames(firewall.flows);
  return [
    '#!/usr/sbin/nft -f',
    ...head(firewall),
    '# The table must be there for the line that deletes it.',
    `table ${TABLE}`,
    `delete table ${TABLE}`,
    `table ${TABLE} {`,
    ...partiesOf(firewall.flows).flatMap((party) => setsOf(party, groups, setName)),
    '  chain forward {',
    '    type filter hook forward priority filter; policy drop;',
    '    ct state established,related accept',
    '    jump site',
    ...groups.flatMap((group) => rule(group, setName)),
    '  }',
    '',
    '  # What else this firewall lets pass belongs here.',
    '  chain site {',
    '  }',
    '}',
    '',
  ].join('\n');
}

function head({ subject, flows }: Firewall): string[] {
  return [
    `# What must pass for ${oneLine(subject)}, made by Poolgate; for a firewall or router between the ends.`,
    '# Everything else that it forwards is dropped, but for what the chain `site` lets pass. It filters nothing that is',
    '# for the machine itself. Load it with: nft -f FILE',
    ...fillIn(flows).map((line) => `# ${line}`),
  ];
}

/** The prefix keeps them apart from the words of nftables' own language. */
function setNames(flows: readonly Flow[]): SetName {
  const names = namesOf(flows, (id) => `a_${id.replaceAll(/[^A-Za-z0-9]/g, '_')}`);
  return (party, family) => `${names.get(party.id) ?? ''}_v${family}`;
}

/** A set for each family that a rule asks for. */
function setsOf(party: Party, groups: readonly FlowGroup[], setName: SetName): string[] {
  if (party.addresses === 'any') return [];
  const families = FAMILIES.filter((family) =>
    groups.some(
      ({ from, to }) =>
        (from.id === party.id || to.id === party.id) && speaks(from, family) && speaks(to, family),
    ),
  );
  return families.flatMap((family) => {
    const addresses = addressesOf(party, family);
    return [
      `  # ${oneLine(party.label)}${open(party)}`,
      `  set ${setName(party, family)} {`,
      `    type ipv${family}_addr`,
      '    flags interval',
      '    auto-merge',
      ...(addresses.length === 0 ? [] : [`    elements = { ${addresses.join(', ')} }`]),
      '  }',
      '',
    ];
  });
}

function open({ open, addresses }: Party): string {
  if (!open) return '';
  return addresses.length > 0 ? '; others to be filled in' : '; to be filled in';
}

function rule({ from, to, transport, flows }: FlowGroup, setName: SetName): string[] {
  const spans = mergeSpans(flows).map(spanText);
  const ports = `${transport} dport ${spans.length === 1 ? spans[0] : `{ ${spans.join(', ')} }`}`;
  const families = FAMILIES.filter((family) => speaks(from, family) && speaks(to, family));
  const match = (party: Party, field: 'saddr' | 'daddr', family: Family) =>
    party.addresses === 'any' ? [] : [`${family === 4 ? 'ip' : 'ip6'} ${field} @${setName(party, family)}`];
  return [
    '',
    `    # ${oneLine(from.label)} to ${oneLine(to.label)}`,
    ...purposes(flows).map((line) => `    #   ${line}`),
    ...families.map((family) =>
      ['   ', ...match(from, 'saddr', family), ...match(to, 'daddr', family), ports, 'accept'].join(' '),
    ),
  ];
}
