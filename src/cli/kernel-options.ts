/** What the kernel data plane is told of the network, from the topology. Pure. */
import type { Forwarding, ForwardRule } from '../dataplane/kernel/nat/translation.ts';
import type { WasClosed } from '../network/ground/switches.ts';
import { BRIDGE, type EffectiveTopology, type FilterRule } from '../model/effective.ts';

export interface PlaneNetwork {
  /** Where its programs stand. */
  readonly interfaces: readonly string[];
  /** Of these the servers' alone; null: clients are there too. */
  readonly serversInterface: string | null;
  readonly forwarding: Forwarding;
  /** Where a translated packet leaves the way it came. */
  readonly noRedirects: readonly string[];
}

/** Servers may be clients of their own VIP, so with two arms both are. */
export function planeInterfaces(topology: EffectiveTopology): string[] {
  if (topology.mode === 'two-armed') return [topology.clientInterface, topology.serverInterface];
  if (topology.mode === 'transparent') return [BRIDGE];
  return topology.interface === null ? [] : [topology.interface];
}

/**
 * @param interfaces those of {@link planeInterfaces} by the names that the kernel shows
 * @param was what forwarded nothing before us, and is to get nobody further than to our interfaces
 */
export function planeNetwork(
  topology: EffectiveTopology,
  interfaces: readonly string[] = planeInterfaces(topology),
  was: WasClosed = { ipv4: [], ipv6: [] },
): PlaneNetwork {
  return {
    interfaces,
    serversInterface: topology.mode === 'two-armed' ? (interfaces[1] ?? null) : null,
    forwarding: { ...forwardingOf(topology, interfaces), closed: { interfaces, ...was } },
    noRedirects: interfaces,
  };
}

function forwardingOf(topology: EffectiveTopology, interfaces: readonly string[]): Forwarding {
  // What passes a bridge is not forwarded, but would meet the rules for what is if somebody switched on bridge-nf-call.
  if (topology.mode === 'transparent') return { allow: 'all' };
  if (topology.mode === 'one-armed' || !topology.routing) return { allow: 'nothing', interfaces };
  if (topology.filter.length === 0) return { allow: 'all' };
  return { allow: 'rules', interfaces, rules: topology.filter.map(ruleOf) };
}

function ruleOf({ from, to, protocol, ports }: FilterRule): ForwardRule {
  return {
    from: from ?? undefined,
    to: to ?? undefined,
    protocol: protocol ?? undefined,
    ports: ports ?? undefined,
  };
}
