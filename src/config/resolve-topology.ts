/** The topology's part of resolve.ts. */
import { canonicalAddress } from '../model/address.ts';
import { formatCidr, parseInterfaceAddress, parseNetwork } from '../model/cidr.ts';
import type { Cidr } from '../model/cidr.ts';
import type { ConfigInput } from '../model/config.ts';
import type { EffectiveTopology, FilterRule } from '../model/effective.ts';
import { oneArmed } from '../model/effective.ts';
import { parsePortRange } from '../model/ports.ts';
import { SCHEMA_DEFAULTS } from '../model/schema-defaults.ts';
import type { Topology } from '../model/topology.ts';
import type { Trace } from './trace.ts';

/** @param config whose keys fit its mode (check-topology.ts) */
export function resolveTopology(trace: Trace, config: ConfigInput): EffectiveTopology {
  const given = config.topology ?? {};
  const mode = trace.pick('topology.mode', [given.mode, 'file'], [SCHEMA_DEFAULTS.topologyMode, 'schema']);
  const keepAtStop = trace.pick<boolean>(
    'topology.keepAtStop',
    [given.keepAtStop, 'file'],
    [SCHEMA_DEFAULTS.keepAtStop, 'schema'],
  );
  noteGiven(trace, given);
  const serverAddress = serverAddressOf(given);
  if (mode === 'two-armed') {
    const { clientInterface = '', serverInterface = '' } = given;
    const routing = trace.pick<boolean>(
      'topology.routing',
      [given.routing, 'file'],
      [SCHEMA_DEFAULTS.routing, 'schema'],
    );
    const filter = (given.filter ?? []).map(resolveRule);
    if (filter.length > 0) trace.note('topology.filter', filter.map(ruleText), 'file');
    return { mode, clientInterface, serverInterface, serverAddress, routing, filter, keepAtStop };
  }
  if (mode === 'transparent' && serverAddress) {
    const [first = '', second = ''] = given.bridgePorts ?? [];
    const gateway = given.gateway === undefined ? null : canonicalAddress(given.gateway);
    return { mode, bridgePorts: [first, second], serverAddress, gateway, keepAtStop };
  }
  return { ...oneArmed(given.interface ?? null), keepAtStop };
}

function noteGiven(trace: Trace, given: Topology): void {
  const { bridgePorts, serverAddress, gateway } = given;
  for (const key of ['interface', 'clientInterface', 'serverInterface'] as const) {
    if (given[key] !== undefined) trace.note(`topology.${key}`, given[key], 'file');
  }
  if (bridgePorts !== undefined) trace.note('topology.bridgePorts', bridgePorts, 'file');
  if (serverAddress !== undefined) trace.note('topology.serverAddress', serverAddress, 'file');
  if (gateway !== undefined) trace.note('topology.gateway', gateway, 'file');
}

function serverAddressOf({ serverAddress }: Topology): Cidr | null {
  const parsed = serverAddress === undefined ? null : parseInterfaceAddress(serverAddress);
  return parsed?.ok ? parsed.cidr : null;
}

function resolveRule(rule: NonNullable<Topology['filter']>[number]): FilterRule {
  return {
    from: networkText(rule.from),
    to: networkText(rule.to),
    protocol: rule.protocol ?? null,
    ports: rule.ports === undefined ? null : parsePortRange(rule.ports),
  };
}

function networkText(text: string | undefined): string | null {
  const parsed = text === undefined ? null : parseNetwork(text);
  return parsed?.ok ? formatCidr(parsed.cidr) : null;
}

/** e.g. `tcp 135 from 10.0.0.0/24 to 192.168.0.0/24`. */
export function ruleText({ from, to, protocol, ports }: FilterRule): string {
  const range = ports && (ports.first === ports.last ? `${ports.first}` : `${ports.first}-${ports.last}`);
  const parts = [protocol ?? (range === null ? 'all' : 'tcp and udp'), range];
  const ends = [from === null ? null : `from ${from}`, to === null ? null : `to ${to}`];
  return [...parts, ...ends].filter((part) => part !== null).join(' ');
}
