/** Import(export(config)) is the same config, but for what the export or the import says is not. */
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../config/load.ts';
import type { EffectiveConfig } from '../model/effective.ts';
import { formatRange } from '../model/ports.ts';
import { ALL_CONFIGS } from './export/all-configs.ts';
import type { Aspect } from './export/coverage.ts';
import { NOTHING } from './export/nothing-cases.ts';
import type { Remark } from './export/remark.ts';
import { exported } from './export/testing.ts';
import { importText } from './import/import.ts';
import type { Entry } from './import/report.ts';

const OPTIONS = { vip: null, addresses: new Map<string, string>(), merge: true, env: {} };

type Values = ReadonlyMap<string, string>;

/** Every value by the path that the reports call it by. */
function valuesOf(config: EffectiveConfig): Values {
  const values = new Map<string, string>();
  const set = (path: string, value: unknown): void => void values.set(path, JSON.stringify(value));
  set('shutdownTimeout', config.shutdownTimeoutMs);
  set('dataPlane', config.dataPlane);
  set('admin.listen', config.admin);
  set('topology', config.topology);
  for (const pool of config.pools) setPool(set, pool);
  for (const service of config.services) setService(set, service);
  return values;
}

/** A profile may split a service in two; the name of the second has a colon, which those of a file do not. */
function givenName(text: string): string {
  return text.replace(':', '-');
}

type Set = (path: string, value: unknown) => void;

function setPool(set: Set, pool: EffectiveConfig['pools'][number]): void {
  const at = `pools[${pool.name}]`;
  const { profile, fqdn, healthChecks, onDown, drain, fallback, realServers } = pool;
  for (const [key, value] of Object.entries({ profile, fqdn, onDown, fallback })) set(`${at}.${key}`, value);
  set(`${at}.drain.timeout`, drain.timeoutMs);
  set(`${at}.drain.keepPersistence`, drain.keepPersistence);
  set(`${at}.healthChecks`, healthChecks.length);
  for (const [i, check] of healthChecks.entries()) {
    const { tls, http, sip, ...rest } = check;
    for (const [key, value] of Object.entries({ ...rest, ...tls, ...http, ...sip }))
      set(`${at}.healthChecks[${i}].${key}`, value);
  }
  for (const { name, ...rest } of realServers) {
    // Weight 0 and drain are one.
    const drained = rest.admin === 'drain' || (rest.admin === 'ready' && rest.weight === 0);
    for (const [key, value] of Object.entries({ ...rest, admin: drained ? 'drain' : rest.admin }))
      set(`${at}.realServers[${name}].${key}`, value);
  }
}

function setService(set: Set, service: EffectiveConfig['services'][number]): void {
  const at = `virtualServices[${givenName(service.name)}]`;
  const { vip, pool, scheduler, redispatch, nat, snat, maxConnections, limits, persistence } = service;
  const plain = { vip, pool, scheduler, redispatch, nat, maxConnections };
  for (const [key, value] of Object.entries(plain)) set(`${at}.${key}`, value);
  set(`${at}.ports`, service.ports.map(formatRange).toSorted());
  set(`${at}.snatPool`, snat?.addresses ?? null);
  set(`${at}.snatPorts`, snat?.ports ?? null);
  set(`${at}.timeouts.connect`, service.connectTimeoutMs);
  set(`${at}.timeouts.idle`, service.idleTimeoutMs);
  set(`${at}.timeouts.udpIdle`, service.udpIdleMs);
  for (const [key, value] of Object.entries(limits)) set(`${at}.limits.${key}`, value);
  set(`${at}.persistence`, persistence);
}

/** A value that an import takes otherwise than the exported file meant it, and how its report says so. */
const IMPORT_SAYS: readonly (readonly [path: RegExp, message: RegExp])[] = [
  [/^shutdownTimeout$/, /hard-stop-after/],
  [/\.healthChecks/, /HAProxy checks no server here/],
  [/\.(scheduler|ports)$|^virtualServices\[\w+\]\./, /one virtual service, with the ports of both/],
  [/\.fallback$/, /Left out: all ports would lead to port/],
];

/** Remarks on a whole list or pool explain no more than this of it. */
const NO_MORE_THAN: Partial<Record<Aspect, RegExp>> = {
  countsApart: /\.maxConnections$/,
  paceMixed: /\.(intervalMs|timeoutMs|rise|fall)$/,
  verifyMixed: /\.(verify|caFile)$/,
  largeWeight: /\.weight$/,
  httpHost: /\.host$/,
  sipDomain: /\.domain$/,
};

function below(outer: string, inner: string): boolean {
  return inner === outer || inner.startsWith(`${outer}.`) || inner.startsWith(`${outer}[`);
}

function explained(path: string, remarks: readonly Remark[], entries: readonly Entry[]): boolean {
  const fits = ({ aspect }: Remark): boolean => NO_MORE_THAN[aspect]?.test(path) ?? true;
  if (remarks.some((said) => fits(said) && (below(said.path, path) || below(path, said.path)))) return true;
  return IMPORT_SAYS.some(
    ([pattern, message]) =>
      pattern.test(path) &&
      entries.some((entry) => entry.kind !== 'translated' && message.test(`${entry.text}: ${entry.message}`)),
  );
}

describe.each(['haproxy'] as const)('%s', (format) => {
  // Pools that are renamed have other paths; the export says of each what it is called.
  const left = [...NOTHING[format], 'names that meet'];
  const names = Object.keys(ALL_CONFIGS).filter((name) => !left.includes(name));

  it.each(names)('%s', (name) => {
    const yaml = ALL_CONFIGS[name] ?? '';
    const before = parseConfig(yaml, 'before.yaml').config?.effective;
    const { text, remarks: said } = exported(format, yaml);
    const remarks = said.map((remark) => ({ ...remark, path: givenName(remark.path) }));
    const { config, entries } = importText(format, text, 'exported.cfg', OPTIONS);
    const after = parseConfig(config, 'after.yaml').config?.effective;
    if (!before || !after) throw new Error(`the import is no config:\n${config}`);
    const [left, right] = [valuesOf(before), valuesOf(after)];
    const paths = [...new Set([...left.keys(), ...right.keys()])];
    const differ = paths.filter((path) => left.get(path) !== right.get(path));
    const secret = differ.filter((path) => !explained(path, remarks, entries));
    expect(secret.map((path) => `${path}: ${left.get(path)} became ${right.get(path)}`)).toEqual([]);
  });
});

/** Of keepalived the import keeps what is left without names: servers by their addresses, services by VIP and port. */
function nameless({ pools, services }: EffectiveConfig): unknown {
  const idle = Math.max(...services.map((service) => service.idleTimeoutMs));
  return services
    .flatMap((service) => {
      const pool = pools.find(({ name }) => name === service.pool);
      const servers = (pool?.realServers ?? [])
        .filter(
          ({ admin, address }) => admin !== 'maint' && address.includes(':') === service.vip.includes(':'),
        )
        .map(({ address, weight, admin }) => [address, admin === 'drain' ? 0 : weight]);
      const { vip, nat, persistence, scheduler } = service;
      const ports = service.ports.flatMap(({ protocol, first, last, serverFirst }) =>
        Array.from({ length: last - first + 1 }, (_, i) => [protocol, vip, first + i, serverFirst + i]),
      );
      const timeoutMs = persistence?.timeoutMs ?? null;
      return ports.map((port) => JSON.stringify({ port, nat, scheduler, idle, timeoutMs, servers }));
    })
    .toSorted();
}

it.each([
  'least.yaml',
  'ocs-enterprise-pool.yaml',
  'generic-tcp.yaml',
  'fallback.yaml',
  'persistence-and-limits.yaml',
  'ports',
  'weights',
  'services that differ',
])('keepalived: %s leads to the same servers by the same weights', (name) => {
  const yaml = ALL_CONFIGS[name] ?? '';
  const before = parseConfig(yaml, 'before.yaml').config?.effective;
  const { config } = importText('keepalived', exported('keepalived', yaml).text, 'exported.conf', OPTIONS);
  const after = parseConfig(config, 'after.yaml').config?.effective;
  if (!before || !after) throw new Error(`the import is no config:\n${config}`);
  expect(nameless(after)).toEqual(nameless(before));
});
