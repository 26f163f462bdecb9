/** The topology by itself: the keys that its mode uses, those that it needs, and how they fit together. */
import { isWithin, parseInterfaceAddress } from '../model/cidr.ts';
import { canonicalAddress } from '../model/address.ts';
import { SCHEMA_DEFAULTS } from '../model/schema-defaults.ts';
import type { Topology } from '../model/topology.ts';
import { type PathProblem, problem } from './issues.ts';
import type { Salvaged, SalvagedConfig } from './salvage.ts';

type Given = Salvaged<Topology>;
type Mode = NonNullable<Topology['mode']>;
type Key = keyof Topology;

const ANY = ['mode', 'keepAtStop'] as const satisfies readonly Key[];

const USES = {
  'one-armed': [...ANY, 'interface'],
  'two-armed': [...ANY, 'clientInterface', 'serverInterface', 'serverAddress', 'routing', 'filter'],
  transparent: [...ANY, 'bridgePorts', 'serverAddress', 'gateway'],
} as const satisfies Record<Mode, readonly Key[]>;

/** What must be there, with an example. */
const NEEDS = {
  'one-armed': {},
  'two-armed': { clientInterface: 'eth0', serverInterface: 'eth1' },
  transparent: { bridgePorts: '[eth0, eth1]', serverAddress: '10.0.0.5/24' },
} as const satisfies Record<Mode, Partial<Record<Key, string>>>;

export function checkTopology({ topology }: SalvagedConfig): PathProblem[] {
  if (!topology) return [];
  // A mode that is not one was reported, and what the others are for is then not known.
  const mode = topology.mode ?? (Object.hasOwn(topology, 'mode') ? null : SCHEMA_DEFAULTS.topologyMode);
  if (mode === null) return [];
  return [
    ...unused(topology, mode),
    ...missing(topology, mode),
    ...interfaces(topology),
    ...together(topology),
  ];
}

function unused(topology: Given, mode: Mode): PathProblem[] {
  const uses: readonly string[] = USES[mode];
  const keys = (Object.keys(topology) as Key[]).filter(
    (key) => !uses.includes(key) && !isIdle(topology, key),
  );
  return keys.map((key) => {
    const users = (Object.keys(USES) as Mode[]).filter((m) => (USES[m] as readonly string[]).includes(key));
    const message = `The ${mode} topology does not use \`${key}\`.`;
    const hint = `Leave it out, or write \`mode: ${users.join('` or `mode: ')}\`.`;
    return problem('CONFIG_TOPOLOGY_KEY', ['topology', key], 'key', message, hint);
  });
}

/** Written out as it is by default: harmless in any mode. */
function isIdle({ routing, filter }: Given, key: Key): boolean {
  return (key === 'routing' && routing === false) || (key === 'filter' && filter?.length === 0);
}

function missing(topology: Given, mode: Mode): PathProblem[] {
  return Object.entries(NEEDS[mode])
    .filter(([key]) => !Object.hasOwn(topology, key))
    .map(([key, example]) => {
      const message = `The ${mode} topology needs \`${key}\`.`;
      const hint = `Write \`${key}: ${example}\` with the name of yours below \`topology\`; \`ip address\` lists them.`;
      return problem('CONFIG_TOPOLOGY_KEY', ['topology'], 'key', message, hint);
    });
}

function interfaces({ clientInterface, serverInterface, bridgePorts }: Given): PathProblem[] {
  if (clientInterface !== undefined && clientInterface === serverInterface) {
    const message = `Clients and servers have the same interface, ${clientInterface}.`;
    const hint = 'Write `mode: one-armed` and `interface: ` with its name, or name the other one.';
    return [problem('CONFIG_TOPOLOGY_KEY', ['topology', 'serverInterface'], 'value', message, hint)];
  }
  if (bridgePorts?.[0] === undefined || bridgePorts[0] !== bridgePorts[1]) return [];
  const message = `Both ports of the bridge are ${bridgePorts[0]}.`;
  const hint = "Name the interface on the clients' side and the one on the servers' side.";
  return [problem('CONFIG_TOPOLOGY_KEY', ['topology', 'bridgePorts', 1], 'value', message, hint)];
}

function together({ routing, filter, serverAddress, gateway }: Given): PathProblem[] {
  const problems: PathProblem[] = [];
  if (filter && filter.length > 0 && routing !== true) {
    const message = 'Without `routing: true` nothing is forwarded that `filter` could allow.';
    const hint = 'Add `routing: true`, or remove `filter`.';
    problems.push(problem('CONFIG_TOPOLOGY_KEY', ['topology', 'filter'], 'key', message, hint));
  }
  problems.push(...(filter ?? []).flatMap(rulesOfIcmp));
  const own = serverAddress === undefined ? null : parseInterfaceAddress(serverAddress);
  if (own?.ok && gateway !== undefined && !isWithin(canonicalAddress(gateway), own.cidr)) {
    const message = `The gateway ${gateway} is not in the network of ${serverAddress}.`;
    const hint = 'Write the router of that network, or correct `serverAddress`.';
    problems.push(problem('CONFIG_TOPOLOGY_KEY', ['topology', 'gateway'], 'value', message, hint));
  }
  return problems;
}

function rulesOfIcmp(rule: NonNullable<Given['filter']>[number], n: number): PathProblem[] {
  if (rule?.protocol !== 'icmp' || rule.ports === undefined) return [];
  const hint = 'Leave out `ports`, or write `protocol: tcp` or `protocol: udp`.';
  return [
    problem('CONFIG_TOPOLOGY_KEY', ['topology', 'filter', n, 'ports'], 'key', 'ICMP has no ports.', hint),
  ];
}
