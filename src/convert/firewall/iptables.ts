/** Flows as rules for iptables-restore and ip6tables-restore: each reads the lines of its family and skips the other's. */
import { addressesOf, aggregated, FAMILIES, type Family, speaks } from './families.ts';
import { type Firewall, type FlowGroup, groupFlows, mergeSpans, type Party } from './flow.ts';
import { fillIn, oneLine, purposes } from './words.ts';

/** The `multiport` match takes fifteen numbers, and a range is two of them (iptables-extensions(8)). */
const PORTS_A_RULE = 15;

export function iptablesText({ subject, flows }: Firewall): string {
  return [
    `# What must pass for ${oneLine(subject)}, made by Poolgate; for a firewall or router between the ends.`,
    '# Everything else that it forwards is dropped, but for what stands in FORWARD before the chain POOLGATE.',
    '# Load it with: iptables-restore --noflush FILE; ip6tables-restore --noflush FILE',
    ...fillIn(flows).map((line) => `# ${line}`),
    '*filter',
    ':FORWARD DROP [0:0]',
    ':POOLGATE - [0:0]',
    '-A FORWARD -j POOLGATE',
    '-A POOLGATE -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT',
    ...groupFlows(flows).flatMap(rules),
    'COMMIT',
    '',
  ].join('\n');
}

function rules(group: FlowGroup): string[] {
  const { from, to, flows } = group;
  const comment = [
    `# ${oneLine(from.label)} to ${oneLine(to.label)}`,
    ...purposes(flows).map((line) => `#   ${line}`),
  ];
  if (isEmpty(from) || isEmpty(to)) return [...comment, ...pattern(group).map((line) => `# ${line}`)];
  const families = FAMILIES.filter((family) => speaks(from, family) && speaks(to, family));
  return [...comment, ...families.flatMap((family) => familyRules(group, family))];
}

/** Without sets of addresses, who is not known cannot be in a rule: the rule is there as a comment, for the pen. */
function pattern({ from, to, transport, flows }: FlowGroup): string[] {
  const ends = [...option('-s', from, placeholder(from)), ...option('-d', to, placeholder(to))];
  return portLists(flows).map((ports) => ruleText([...ends, ...portMatch(transport, ports)]));
}

function placeholder(party: Party): string {
  return isEmpty(party) ? party.id.toUpperCase() : String(party.addresses);
}

/** Each pair of addresses is a rule, as iptables itself would make of lists of them. */
function familyRules({ from, to, transport, flows }: FlowGroup, family: Family): string[] {
  const sources = from.addresses === 'any' ? ['any'] : aggregated(addressesOf(from, family));
  const destinations = to.addresses === 'any' ? ['any'] : aggregated(addressesOf(to, family));
  return sources.flatMap((source) =>
    destinations.flatMap((destination) =>
      portLists(flows).map((ports) =>
        ruleText([
          `-${family}`,
          ...option('-s', from, source),
          ...option('-d', to, destination),
          ...portMatch(transport, ports),
        ]),
      ),
    ),
  );
}

function option(name: '-s' | '-d', party: Party, address: string): string[] {
  return party.addresses === 'any' ? [] : [name, address];
}

function portMatch(transport: string, ports: readonly string[]): string[] {
  return ['-p', transport, '-m', 'multiport', '--dports', ports.join(',')];
}

function ruleText(parts: readonly string[]): string {
  return `-A POOLGATE ${parts.join(' ')} -j ACCEPT`;
}

function portLists(flows: FlowGroup['flows']): string[][] {
  const lists: string[][] = [];
  let room = 0;
  for (const { first, last } of mergeSpans(flows)) {
    const size = first === last ? 1 : 2;
    if (size > room) {
      lists.push([]);
      room = PORTS_A_RULE;
    }
    lists.at(-1)?.push(first === last ? `${first}` : `${first}:${last}`);
    room -= size;
  }
  return lists;
}

function isEmpty(party: Party): boolean {
  return party.addresses !== 'any' && party.addresses.length === 0;
}
