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
    const [most] = of.toSorted((a, b) => b.used - a.used);
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

function sizeOf({ first, last }: Range): number {
  return last - first + 1;
}
