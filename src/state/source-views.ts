/** The source addresses of SNAT pools as people see them: how much of each is used, and where it is fullest. */
import type { SourceUse } from '../dataplane/dataplane.ts';
import type { EffectiveService } from '../model/effective.ts';
import type { SourceView } from './contract.ts';

interface Range {
  readonly first: number;
  readonly last: number;
}

/** @param system the range of ports of pools that name none */
export function sourceViews(
  services: readonly EffectiveService[],
  uses: readonly SourceUse[],
  system: Range,
): SourceView[] {
  const addresses = new Set(services.flatMap(({ snat }) => snat?.addresses ?? []));
  return [...addresses].map((address) => {
    const using = services.filter(({ snat }) => snat?.addresses.includes(address));
    // Where services give an address different ports, it can have as many connections as the largest range says.
    const ports = Math.max(...using.map(({ snat }) => sizeOf(snat?.ports ?? system)));
    const of = uses.filter((use) => use.address === address);
    const [most] = destinations(of).toSorted((a, b) => b.used - a.used);
    return {
      address,
      virtualServices: using.map(({ name }) => name),
      ports,
      used: of.reduce((sum, { used }) => sum + used, 0),
      fullest: most
        ? {
            pool: most.pool,
            realServer: most.realServer,
            port: most.port,
            used: most.used,
            free: Math.max(0, ports - most.used),
          }
        : null,
    };
  });
}

/** For UDP all destinations are one, because they share the ports; it is named after the one with the most flows. */
function destinations(uses: readonly SourceUse[]): SourceUse[] {
  const flows = uses.filter(({ protocol }) => protocol === 'udp').toSorted((a, b) => b.used - a.used);
  const connections = uses.filter(({ protocol }) => protocol === 'tcp');
  const [most] = flows;
  return most
    ? [...connections, { ...most, used: flows.reduce((sum, { used }) => sum + used, 0) }]
    : connections;
}

function sizeOf({ first, last }: Range): number {
  return last - first + 1;
}
