/** R3, R31, R32, R60: who has which name. Names are compared without regard to case (RFC 4343). */
import { isIP } from 'node:net';
import type { Lint, Subject, Violation } from '../rule.ts';
import { secondVips } from './ports.ts';
import { type PoolView, poolsOf } from './views.ts';

interface Server {
  readonly pool: PoolView;
  readonly name: string;
  readonly fqdn: string;
  readonly address: string;
  readonly path: readonly (string | number)[];
}

function serversOf(subject: Subject): Server[] {
  return poolsOf(subject).flatMap((pool) =>
    pool.pool.realServers.flatMap(({ name, fqdn, address }, n) => {
      const path = ['pools', pool.at, 'realServers', n, 'fqdn'];
      return fqdn === null ? [] : [{ pool, name, fqdn: fqdn.toLowerCase(), address, path }];
    }),
  );
}

/** R3: a pool's name is a full one, its own, and of one VIP. */
export const poolName: Lint = (subject) => {
  const servers = new Map(serversOf(subject).map((server) => [server.fqdn, server]));
  const namesakes = byName(subject);
  return poolsOf(subject).flatMap((view): Violation[] => {
    const vips = secondVips(view);
    const fqdn = view.pool.fqdn?.toLowerCase();
    if (fqdn === undefined) return vips;
    const path = ['pools', view.at, 'fqdn'];
    const server = servers.get(fqdn);
    const others = namesakes.get(fqdn) ?? [];
    if (!isFull(fqdn)) vips.push(unqualified(path, fqdn));
    else if (server && view.pool.realServers.length > 1) {
      const message = `${fqdn} is the name of the pool \`${view.pool.name}\` and of the server \`${server.name}\`: who dials it gets the one or the other.`;
      vips.push({ path, message });
    } else if (!isWebOnly(view) && others.some((other) => !isWebOnly(other) && clashes(view, other))) {
      const message = `Two pools with different VIPs have the name ${fqdn}.`;
      vips.push({ path, message, hint: 'Give each pool the name that DNS has for its VIP.' });
    }
    return vips;
  });
};

/** R60: a name for web alone. */
export const webName: Lint = (subject) => {
  const namesakes = byName(subject);
  return poolsOf(subject).flatMap((view): Violation[] => {
    const fqdn = view.pool.fqdn?.toLowerCase() ?? '';
    const other = namesakes.get(fqdn)?.find((p) => p.at !== view.at);
    if (!isWebOnly(view) || !other || (isWebOnly(other) && !clashes(view, other))) return [];
    const message = `${fqdn} is the name of the web services in \`${view.pool.name}\` and also of the pool \`${other.pool.name}\`.`;
    return [{ path: ['pools', view.at, 'fqdn'], message }];
  });
};

function byName(subject: Subject): ReadonlyMap<string, readonly PoolView[]> {
  const named = poolsOf(subject).filter(({ pool }) => pool.fqdn !== null);
  return Map.groupBy(named, ({ pool }) => pool.fqdn?.toLowerCase() ?? '');
}

/** R31: one full name for each address. */
export const serverNames: Lint = (subject) => {
  const first = new Map<string, Server>();
  return serversOf(subject).flatMap((server): Violation[] => {
    const { path, fqdn, address } = server;
    if (!isFull(fqdn)) return [unqualified(path, fqdn)];
    const before = first.get(address) ?? server;
    first.set(address, before);
    if (before.fqdn === fqdn) return [];
    const message = `${address} is ${fqdn} here, and ${before.fqdn} in the pool \`${before.pool.pool.name}\`.`;
    return [{ path, message }];
  });
};

/** R32: one address for each name. Edge Servers have one on either side. */
export const oneAddress: Lint = (subject) => {
  const first = new Map<string, Server>();
  return serversOf(subject).flatMap((server): Violation[] => {
    const { path, fqdn, address, pool } = server;
    const before = first.get(fqdn) ?? server;
    first.set(fqdn, before);
    if (before.address === address) return [];
    const apart = before.pool.at !== pool.at;
    if (apart && (pool.profile?.edge || before.pool.profile?.edge || !pool.profile?.product)) return [];
    const message = `The server ${fqdn} has two addresses, ${before.address} (\`${before.name}\`) and ${address}.`;
    return [{ path, message }];
  });
};

/** Two labels and more, and no IPv4 address, which looks like four. */
function isFull(fqdn: string): boolean {
  return fqdn.includes('.') && isIP(fqdn) === 0;
}

function unqualified(path: Violation['path'], fqdn: string): Violation {
  if (isIP(fqdn) !== 0) {
    const hint = 'Write the name that DNS has for it, such as ocspool.contoso.com, or leave `fqdn` out.';
    return { path, message: `\`${fqdn}\` is an address, and no name.`, hint };
  }
  const message = `\`${fqdn}\` is no full name, and means something else in each DNS domain.`;
  return { path, message, hint: `Write it with its domain, such as ${fqdn}.contoso.com.` };
}

/** The later one of two with one name and no VIP in common. */
function clashes(view: PoolView, other: PoolView): boolean {
  const own = view.services.map(({ service }) => service.vip);
  const common = other.services.some(({ service }) => own.includes(service.vip));
  return other.at < view.at && !common;
}

/** Web services of a product, beside a pool that has the rest. */
function isWebOnly({ profile }: PoolView): boolean {
  if (!profile?.product || profile.ports.length === 0) return false;
  return profile.ports.every(({ protocol }) => protocol === 'http' || protocol === 'https');
}
