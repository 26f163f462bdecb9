/** Ports of a VIP as the programs search them: runs that rise and do not overlap. A run of any length is one entry. Pure. */
import { PoolgateError } from '../../../lib/errors.ts';
import type { Protocol } from '../../../model/effective.ts';
import type { DesiredState, PlanePort } from '../../dataplane.ts';

/** Of one VIP and protocol, see bpf/maps.h. */
const MAX_RANGES = 64;
const MAX_VIPS = 1024;

export interface PortRun {
  readonly service: string;
  readonly first: number;
  readonly last: number;
  /** What is added to a port of the VIP for the port of the server. */
  readonly shift: number;
}

export interface VipRuns {
  readonly vip: string;
  readonly protocol: Protocol;
  readonly runs: readonly PortRun[];
}

/** @throws PoolgateError TOO_LARGE_FOR_MACHINE */
export function runsOf({ services }: DesiredState): VipRuns[] {
  const byVip = new Map<string, { vip: string; protocol: Protocol; ports: [string, PlanePort][] }>();
  for (const service of services) {
    for (const port of service.ports) {
      const key = `${port.protocol} ${port.vip}`;
      const entry = byVip.get(key) ?? { vip: port.vip, protocol: port.protocol, ports: [] };
      entry.ports.push([service.name, port]);
      byVip.set(key, entry);
    }
  }
  if (byVip.size > MAX_VIPS) {
    throw new PoolgateError(
      'TOO_LARGE_FOR_MACHINE',
      `the kernel data plane holds at most ${MAX_VIPS} VIPs, TCP and UDP counted apart; these are ${byVip.size}`,
    );
  }
  return [...byVip.values()].map(({ vip, protocol, ports }) => {
    const runs = joined(ports.toSorted(([, a], [, b]) => a.port - b.port));
    if (runs.length > MAX_RANGES) {
      throw new PoolgateError(
        'TOO_LARGE_FOR_MACHINE',
        `the kernel data plane holds at most ${MAX_RANGES} runs of ${protocol} ports of one VIP; ${vip} has ${runs.length}`,
        { hint: 'Write neighbouring ports as a range, or move a service to another VIP.' },
      );
    }
    return { vip, protocol, runs };
  });
}

function joined(ports: readonly [string, PlanePort][]): PortRun[] {
  const runs: PortRun[] = [];
  for (const [service, { port, serverPort }] of ports) {
    const shift = serverPort - port;
    const run = runs.at(-1);
    if (run && run.service === service && run.shift === shift && run.last + 1 === port) {
      runs[runs.length - 1] = { ...run, last: port };
    } else {
      runs.push({ service, first: port, last: port, shift });
    }
  }
  return runs;
}
