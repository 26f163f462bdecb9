/** Flows as PowerShell for the Windows Firewall of the real servers: what comes in to them. */
import {
  type Firewall,
  type FlowGroup,
  groupFlows,
  mergeSpans,
  type Party,
  partiesOf,
  spanText,
} from './flow.ts';
import { fillIn, namesOf, oneLine, purposes } from './words.ts';

/** Rules bear this group, so that they can be found and removed together. */
const GROUP = 'Poolgate';

type VariableName = (party: Party) => string;

export function windowsText({ subject, flows }: Firewall): string {
  const inward = flows.filter((flow) => flow.to.local);
  const groups = groupFlows(inward);
  const names = namesOf(inward, variableWord);
  const name: VariableName = (party) => names.get(party.id) ?? '';
  const sources = partiesOf(inward).filter((party) => groups.some((group) => group.from.id === party.id));
  return [
    `# What must come in to the servers of ${oneLine(subject)}, made by Poolgate. Run it in PowerShell as administrator, on each`,
    '# of them: a rule with -LocalAddress holds only on the servers that have one of these addresses.',
    '# What servers begin themselves, and answers to it, the Windows Firewall lets pass unless somebody forbade it.',
    ...fillIn(inward).map((line) => `# ${line}`),
    "$ErrorActionPreference = 'Stop'",
    ...sources.flatMap((party) => variable(party, name)),
    `Remove-NetFirewallRule -Group ${quote(GROUP)} -ErrorAction SilentlyContinue`,
    ...groups.flatMap((group) => rule(group, name)),
    '',
  ].join('\n');
}

function variable(party: Party, name: VariableName): string[] {
  const own = name(party);
  if (party.addresses === 'any') return [`${own} = 'Any'`];
  const line = `${own} = @(${party.addresses.map(quote).join(', ')})   # ${oneLine(party.label)}`;
  if (party.addresses.length > 0) return [line];
  return [line, `if (-not ${own}) { throw ${quote(`Fill in ${own} first: ${party.label}.`)} }`];
}

function rule({ from, to, transport, flows }: FlowGroup, name: VariableName): string[] {
  const ports = mergeSpans(flows).map(spanText);
  const title = `Poolgate: ${from.label} to ${to.label}, ${transport.toUpperCase()}`;
  const local =
    to.addresses === 'any' || to.addresses.length === 0 ? '' : ` -LocalAddress ${list(to.addresses)}`;
  return [
    ...purposes(flows).map((line) => `# ${line}`),
    `New-NetFirewallRule -Group ${quote(GROUP)} -DisplayName ${quote(title)} -Direction Inbound -Action Allow` +
      ` -Protocol ${transport.toUpperCase()} -LocalPort ${list(ports)} -RemoteAddress ${name(from)}${local}`,
  ];
}

function list(values: readonly string[]): string {
  return values.map(quote).join(',');
}

/** A literal of PowerShell; it takes typographic quotes for quotes too. */
function quote(text: string): string {
  return `'${oneLine(text).replaceAll(/['\u2018\u2019\u201a\u201b]/g, (sign) => sign + sign)}'`;
}

function variableWord(id: string): string {
  const words = id.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  return `$From${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')}`;
}
