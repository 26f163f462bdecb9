/** Which connections the programs may translate by themselves (bpf/way.h), and from which ports. Pure. */
import type { PortRange } from '../nat/translation.ts';

export interface ShortWay {
  /** Nobody else's rules judge what is forwarded. */
  readonly isOpen: boolean;
  /** Addresses that this machine's own connections to servers come from. */
  readonly systemAddresses: ReadonlySet<string>;
  /** What the system gives those (ip_local_port_range, ip(7)). */
  readonly systemPorts: PortRange;
}

/** Ports below are for services of this machine. */
const FIRST_FREE = 1024;
const LAST = 65_535;

/**
 * The ports of one address of a SNAT pool that the programs may give away. The system does not ask them before it gives
 * a port to a health check; so where it uses the address too, they keep out of its range.
 * @returns null: those that the config names are the system's too; conntrack, which sees both, has to give them
 */
export function portsOfShortWay(
  { address, ports }: { readonly address: string; readonly ports: PortRange | null },
  { systemAddresses, systemPorts }: ShortWay,
): PortRange | null {
  if (!systemAddresses.has(address)) return ports ?? systemPorts;
  if (ports) return ports.last < systemPorts.first || ports.first > systemPorts.last ? ports : null;
  const below = { first: FIRST_FREE, last: systemPorts.first - 1 };
  const above = { first: systemPorts.last + 1, last: LAST };
  const longer = lengthOf(below) >= lengthOf(above) ? below : above;
  return lengthOf(longer) > 0 ? longer : null;
}

function lengthOf({ first, last }: PortRange): number {
  return last - first + 1;
}
