/** Ports that servers have under other numbers than the VIP. Pure. */
import { PoolgateError } from '../../../lib/errors.ts';
import type { Protocol } from '../../../model/effective.ts';
import type { DesiredState, PlanePool } from '../../dataplane.ts';
import { type PortRun, runsOf } from './ranges.ts';

/** Entries of mapped_targets. */
const MAX_MAPPED = 65_536;

interface MappedPort {
  /** Null: the fallback. */
  readonly server: string | null;
  readonly offset: number;
  readonly address: string;
  readonly port: number;
}

/** Ports of servers that are not those of the VIP: each of each server is a target of its own. */
export class Mapped {
  private readonly state: DesiredState;

  /** @throws PoolgateError TOO_LARGE_FOR_MACHINE, with the arithmetic */
  constructor(state: DesiredState) {
    this.state = state;
    let ports = 0;
    for (const { run, pool } of this.runs()) {
      ports += (run.last - run.first + 1) * (pool.servers.length + (pool.fallback ? 1 : 0));
    }
    if (ports > MAX_MAPPED - 2) {
      throw new PoolgateError(
        'TOO_LARGE_FOR_MACHINE',
        `ports that servers have under other numbers, times the servers and fallbacks: ${ports}; the kernel data plane holds ${MAX_MAPPED - 2}`,
        { hint: 'Let long ranges have the same ports on the servers, or write dataPlane: proxy.' },
      );
    }
  }

  *all(): Generator<{ key: string; pool: string; entries: MappedPort[] }> {
    for (const { vip, protocol, run, pool } of this.runs()) {
      yield { key: rangeKey(vip, protocol, run), pool: pool.name, entries: portsOf(run, pool) };
    }
  }

  private *runs(): Generator<{ vip: string; protocol: Protocol; run: PortRun; pool: PlanePool }> {
    const services = new Map(this.state.services.map((s) => [s.name, s.settings.pool]));
    const pools = new Map(this.state.pools.map((p) => [p.name, p]));
    for (const { vip, protocol, runs } of runsOf(this.state)) {
      for (const run of runs) {
        const pool = pools.get(services.get(run.service) ?? '');
        if (run.shift !== 0 && pool) yield { vip, protocol, run, pool };
      }
    }
  }
}

function portsOf({ first, last, shift }: PortRun, pool: PlanePool): MappedPort[] {
  const servers: { server: string | null; address: string; fixed: number | null }[] = pool.servers.map(
    ({ name, address }) => ({ server: name, address, fixed: null }),
  );
  if (pool.fallback) {
    servers.push({ server: null, address: pool.fallback.address, fixed: pool.fallback.port });
  }
  const ports: MappedPort[] = [];
  for (let port = first; port <= last; port++) {
    for (const { server, address, fixed } of servers) {
      ports.push({ server, offset: port - first, address, port: fixed ?? port + shift });
    }
  }
  return ports;
}

export function rangeKey(vip: string, protocol: Protocol, { service, first, last, shift }: PortRun): string {
  return `${protocol} ${vip} ${first} ${last} ${shift} ${service}`;
}
