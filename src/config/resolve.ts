/** A valid file to the values in effect: file, then profile, then `defaults`, then schema. */
import type { ConfigInput } from '../model/config.ts';
import type {
  EffectiveConfig,
  EffectiveService,
  EffectiveSnat,
  EffectiveTopology,
  NatMode,
  PortRange,
} from '../model/effective.ts';
import { parseListen } from '../model/listen.ts';
import { parseAddressRange } from '../model/address-range.ts';
import { canonicalAddress } from '../model/address.ts';
import { isWithin } from '../model/cidr.ts';
import { formatRange, parsePortRange, type PortEntry, toRange } from '../model/ports.ts';
import { SCHEMA_DEFAULTS } from '../model/schema-defaults.ts';
import type { VirtualServiceInput } from '../model/virtual-service.ts';
import { type OptionValues, portsOf, type Profile, rangeOf } from '../profiles/profile.ts';
import { findProfile } from '../profiles/profiles.ts';
import type { SchedulerName } from '../scheduler/names.ts';
import type { Provenance } from './loaded.ts';
import { resolvePool } from './resolve-pool.ts';
import { resolveLimits } from './resolve-limits.ts';
import { resolveTopology } from './resolve-topology.ts';
import { createTrace, type Trace } from './trace.ts';

/** @param config without findings of severity error */
export function resolveConfig(config: ConfigInput): {
  effective: EffectiveConfig;
  provenance: readonly Provenance[];
} {
  const trace = createTrace();
  const listen = trace.pick(
    'admin.listen',
    [config.admin?.listen, 'file'],
    [SCHEMA_DEFAULTS.adminListen, 'schema'],
  );
  const global = {
    dataPlane: trace.pick('dataPlane', [config.dataPlane, 'file'], [SCHEMA_DEFAULTS.dataPlane, 'schema']),
    admin: parseListen(listen) ?? { host: '127.0.0.1', port: 0 },
    shutdownTimeoutMs: trace.pickMs(
      'shutdownTimeout',
      [config.shutdownTimeout, 'file'],
      [SCHEMA_DEFAULTS.shutdownTimeout, 'schema'],
    ),
  };
  const topology = resolveTopology(trace, config);
  const services = config.virtualServices.map((service) => ({
    input: service,
    ports: portsOfService(config, service),
  }));
  const pools = config.pools.map((pool) => {
    const own = services.filter((s) => s.input.pool === pool.name).flatMap((s) => s.ports.ranges);
    const first = own.find((range) => range.protocol === 'tcp')?.serverFirst ?? null;
    return resolvePool(trace, config, pool, first);
  });
  return {
    effective: {
      ...global,
      topology,
      pools,
      services: services.map((s) => resolveService(trace, config, topology, s.input, s.ports)),
    },
    provenance: trace.provenance,
  };
}

interface ServicePorts {
  readonly ranges: readonly PortRange[];
  readonly from: string;
}

function portsOfService(config: ConfigInput, service: VirtualServiceInput): ServicePorts {
  const pool = config.pools.find((p) => p.name === service.pool);
  const ranges = portRanges(service.ports, pool?.profile, pool?.options);
  return { ranges: ranges ?? [], from: service.ports ? 'file' : `profile ${pool?.profile}` };
}

/** The service's own ports, else those of the pool's profile; null when neither names any. */
export function portRanges(
  ports: readonly PortEntry[] | undefined,
  profileName: string | undefined,
  options: OptionValues | undefined,
): readonly PortRange[] | null {
  if (ports) return ports.map(toRange);
  const profile = profileName === undefined ? null : findProfile(profileName);
  if (!profile || profile.ports.length === 0) return null;
  return portsOf(profile, options ?? {}).map(rangeOf);
}

function resolveService(
  trace: Trace,
  config: ConfigInput,
  topology: EffectiveTopology,
  service: VirtualServiceInput,
  ports: ServicePorts,
): EffectiveService {
  const at = `virtualServices[${service.name}]`;
  const profile = profileOf(config, service.pool);
  const says = `profile ${profile?.name}`;
  const { defaults } = config;
  const vip = canonicalAddress(service.vip);
  trace.note(`${at}.vip`, vip, 'file');
  trace.note(`${at}.pool`, service.pool, 'file');
  trace.note(`${at}.ports`, ports.ranges.map(formatRange), ports.from);
  const nat = trace.pick<NatMode>(
    `${at}.nat`,
    [service.nat, 'file'],
    [profile?.nat?.value, says],
    [SCHEMA_DEFAULTS.nat, 'schema'],
  );
  return {
    name: service.name,
    vip,
    pool: service.pool,
    ports: ports.ranges,
    scheduler: trace.pick<SchedulerName>(
      `${at}.scheduler`,
      [service.scheduler, 'file'],
      [profile?.scheduler?.value, says],
      [defaults?.scheduler, 'defaults'],
      [SCHEMA_DEFAULTS.scheduler, 'schema'],
    ),
    redispatch: trace.pick(
      `${at}.redispatch`,
      [defaults?.redispatch, 'defaults'],
      [SCHEMA_DEFAULTS.redispatch, 'schema'],
    ),
    nat,
    snat: nat === 'full' ? resolveSnat(trace, at, service, defaultSource(topology, config, service)) : null,
    connectTimeoutMs: trace.pickMs(
      `${at}.timeouts.connect`,
      [service.timeouts?.connect, 'file'],
      [defaults?.timeouts?.connect, 'defaults'],
      [SCHEMA_DEFAULTS.timeouts.connect, 'schema'],
    ),
    idleTimeoutMs: trace.pickMs(
      `${at}.timeouts.idle`,
      [service.timeouts?.idle, 'file'],
      [profile?.idleTimeout?.value, says],
      [defaults?.timeouts?.idle, 'defaults'],
      [SCHEMA_DEFAULTS.timeouts.idle, 'schema'],
    ),
    udpIdleMs: trace.pickMs(
      `${at}.timeouts.udpIdle`,
      [service.timeouts?.udpIdle, 'file'],
      [defaults?.timeouts?.udpIdle, 'defaults'],
      [SCHEMA_DEFAULTS.timeouts.udpIdle, 'schema'],
    ),
    ...resolveLimits(trace, at, service, ports.ranges, profile),
  };
}

/** @param own where they come from when the service names no pool */
function resolveSnat(
  trace: Trace,
  at: string,
  { snatPool, snatPorts }: VirtualServiceInput,
  own: string | null,
): EffectiveSnat | null {
  if (!snatPool) {
    if (own === null) return null;
    trace.note(`${at}.snatPool`, [own], 'topology.serverAddress');
    return { addresses: [own], ports: null };
  }
  const addresses = [...new Set(snatPool.flatMap(addressesOf))];
  const ports = snatPorts === undefined ? null : parsePortRange(snatPorts);
  trace.note(`${at}.snatPool`, addresses, 'file');
  if (ports) trace.note(`${at}.snatPorts`, `${ports.first}-${ports.last}`, 'file');
  return { addresses, ports };
}

/** The balancer's address for the servers, where all that a service leads to are in its network; else the routes decide. */
function defaultSource(
  topology: EffectiveTopology,
  config: ConfigInput,
  service: VirtualServiceInput,
): string | null {
  if (topology.mode === 'one-armed' || topology.serverAddress === null) return null;
  const { serverAddress } = topology;
  const pool = config.pools.find((p) => p.name === service.pool);
  const ends = [...(pool?.realServers ?? []), ...(pool?.fallback ? [pool.fallback] : [])];
  const near = ends.every(({ address }) => isWithin(canonicalAddress(address), serverAddress));
  return near ? serverAddress.address : null;
}

function addressesOf(range: string): readonly string[] {
  const parsed = parseAddressRange(range);
  return parsed.ok ? parsed.addresses : [];
}

function profileOf(config: ConfigInput, poolName: string): Profile | null {
  const name = config.pools.find((p) => p.name === poolName)?.profile;
  return name === undefined ? null : findProfile(name);
}
