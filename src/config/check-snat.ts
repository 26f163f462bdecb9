/** SNAT pools: what the values of a service say together with the servers that they are used for. */
import { isIPv6 } from 'node:net';
import { MOST_ADDRESSES, parseAddressRange } from '../model/address-range.ts';
import type { VirtualServiceInput } from '../model/virtual-service.ts';
import { type PathProblem, problem } from './issues.ts';
import type { Salvaged, SalvagedConfig } from './salvage.ts';

type Service = Salvaged<VirtualServiceInput>;

export function checkSnat(config: SalvagedConfig): PathProblem[] {
  return (config.virtualServices ?? []).flatMap((service, i) => {
    if (!service) return [];
    const at = ['virtualServices', i] as const;
    const addresses = addressesOf(service);
    if (addresses === null) return portsAlone(at, service);
    if (addresses.length > MOST_ADDRESSES) return [tooLarge(at, addresses.length)];
    return families(config, service, at, addresses);
  });
}

type At = readonly ['virtualServices', number];

/** Null where there is no pool; empty where an entry has an error of its own, which says enough. */
function addressesOf({ snatPool }: Service): string[] | null {
  if (!snatPool) return null;
  const ranges = snatPool.map((text) => parseAddressRange(text ?? ''));
  return ranges.every((range) => range.ok) ? ranges.flatMap((range) => range.addresses) : [];
}

function portsAlone(at: At, { snatPorts }: Service): PathProblem[] {
  if (snatPorts === undefined) return [];
  const message = '`snatPorts` without `snatPool`: there is no address that these ports could be of.';
  const hint = 'Add `snatPool` with addresses of this machine, or remove `snatPorts`.';
  return [problem('CONFIG_SNAT_PORTS_ALONE', [...at, 'snatPorts'], 'key', message, hint)];
}

function tooLarge(at: At, count: number): PathProblem {
  const message = `The SNAT pool has ${count} addresses; ${MOST_ADDRESSES} are the most.`;
  const hint = 'Write fewer: one carries some 64,000 connections to each port of a server.';
  return problem('CONFIG_SNAT_TOO_LARGE', [...at, 'snatPool'], 'value', message, hint);
}

function families(config: SalvagedConfig, service: Service, at: At, sources: string[]): PathProblem[] {
  if (sources.length === 0) return [];
  const pool = config.pools?.find((p) => p?.name !== undefined && p.name === service.pool);
  const servers = [...(pool?.realServers ?? []).map((s) => s?.address), pool?.fallback?.address];
  const has = new Set(sources.map((address) => isIPv6(address)));
  return [false, true].flatMap((v6) => {
    const server = servers.find((address) => address !== undefined && isIPv6(address) === v6);
    if (server === undefined || has.has(v6)) return [];
    const family = v6 ? 'IPv6' : 'IPv4';
    const message = `The SNAT pool has no ${family} address, and ${server} of the pool \`${service.pool}\` is one.`;
    const hint = `Add an ${family} address of this machine to \`snatPool\`.`;
    return [problem('CONFIG_SNAT_FAMILY', [...at, 'snatPool'], 'value', message, hint)];
  });
}
