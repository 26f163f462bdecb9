/** Addresses of servers: each once in its pool, and none that leads back to the balancer. */
import { canonicalAddress } from '../model/address.ts';
import type { Path } from '../model/path.ts';
import { type PathProblem, problem } from './issues.ts';
import { meet, type Ports, portSpans, type Span, serverSpan } from './port-spans.ts';
import type { SalvagedConfig } from './salvage.ts';

export function checkAddresses(config: SalvagedConfig): PathProblem[] {
  return [...duplicates(config), ...loops(config)];
}

function duplicates({ pools = [] }: SalvagedConfig): PathProblem[] {
  return pools.flatMap((pool, i) => {
    const first = new Map<string, string>();
    return (pool?.realServers ?? []).flatMap((server, n) => {
      if (server?.address === undefined) return [];
      const address = canonicalAddress(server.address);
      const before = first.get(address);
      first.set(address, before ?? server.name ?? `number ${n + 1}`);
      if (before === undefined) return [];
      const message = `The address ${address} is also that of the server \`${before}\` of this pool.`;
      const hint =
        'Correct one of them; for a larger share of connections give one server a higher `weight`.';
      return [
        problem(
          'CONFIG_DUPLICATE_ADDRESS',
          ['pools', i, 'realServers', n, 'address'],
          'value',
          message,
          hint,
        ),
      ];
    });
  });
}

interface Destination {
  readonly what: string;
  readonly address: string;
  /** Null: the ports of the services, mapped. */
  readonly port: number | null;
  readonly pool: string | undefined;
  readonly path: Path;
}

function loops(config: SalvagedConfig): PathProblem[] {
  const spans = portSpans(config);
  const vips = vipsOf(config);
  return destinations(config)
    .filter((d) => vips.has(d.address))
    .map((d) => (comesBack(d, spans) ? loop(d) : sameAddress(d)));
}

function vipsOf(config: SalvagedConfig): ReadonlySet<string> {
  return new Set((config.virtualServices ?? []).flatMap((s) => (s?.vip ? [canonicalAddress(s.vip)] : [])));
}

function* destinationsOf(config: SalvagedConfig): Generator<Destination> {
  for (const [i, pool] of (config.pools ?? []).entries()) {
    for (const [n, server] of (pool?.realServers ?? []).entries()) {
      if (server?.address === undefined) continue;
      const address = canonicalAddress(server.address);
      const path = ['pools', i, 'realServers', n, 'address'];
      yield {
        what: `The real server \`${server.name ?? `number ${n + 1}`}\``,
        address,
        port: null,
        pool: pool?.name,
        path,
      };
    }
    const fallback = pool?.fallback;
    if (fallback?.address === undefined) continue;
    const address = canonicalAddress(fallback.address);
    const path = ['pools', i, 'fallback', 'address'];
    yield { what: 'The fallback', address, port: fallback.port ?? null, pool: pool?.name, path };
  }
}

function destinations(config: SalvagedConfig): Destination[] {
  return [...destinationsOf(config)];
}

function comesBack(d: Destination, spans: readonly Span[]): boolean {
  const leading = spans.filter((s) => s.pool === d.pool);
  const dialled = leading.map((s) => (d.port === null ? serverSpan(s) : only(d.port, s)));
  return spans.some((s) => s.vip === d.address && dialled.some((to) => meet(to, s.range)));
}

/** What comes by the span goes to this port, whatever it maps to. */
function only(port: number, { range }: Span): Ports {
  return { protocol: range.protocol, first: port, last: port };
}

function loop(d: Destination): PathProblem {
  const message = `${d.what} has the address and port of a VIP (${d.address}): connections would come back to the balancer.`;
  return problem('CONFIG_SERVER_IS_VIP', d.path, 'value', message, "Write the server's own address.");
}

function sameAddress(d: Destination): PathProblem {
  const message = `${d.what} has the address of a VIP (${d.address}), though not its ports.`;
  const hint = "Write the server's own address, unless the server really runs on this machine.";
  return { ...problem('CONFIG_SERVER_IS_VIP', d.path, 'value', message, hint), severity: 'warning' };
}
