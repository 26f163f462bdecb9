/** R3, R31, R32, R60: who has which name. Names are compared without regard to case (RFC 4343). */
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
  const pools = poolsOf(subject);
  const servers = serversOf(subject);
  return pools.flatMap((view): Violation[] => {
    const vips = secondVips(view);
    const fqdn = view.pool.fqdn?.toLowerCase();
    if (fqdn === undefined) return vips;
    const path = ['pools', view.at, 'fqdn'];
    const server = servers.find((s) => s.fqdn === fqdn);
    if (!fqdn.includes('.')) vips.push(unqualified(path, fqdn));
    else if (server && view.pool.realServers.length > 1) {
      const message = `${fqdn} is the name of the pool \`${view.pool.name}\` and of the server \`${server.name}\`: who dials it gets the one or the other.`;
      vips.push({ path, message });
    } else if (!isWebOnly(view) && pools.some((other) => clashes(view, other) && !isWebOnly(other))) {
      const message = `Two pools with different VIPs have the name ${fqdn}.`;
      vips.push({ path, message, hint: 'Give each pool the name that DNS has for its VIP.' });
    }
    return vips;
  });
};

/** R60: a name for web alone. */
export const webName: Lint = (subject) => {
  const pools = poolsOf(subject);
  return pools.flatMap((view): Violation[] => {
    const other = pools.find((p) => p.at !== view.at && sameName(view, p));
    if (!isWebOnly(view) || !other || (isWebOnly(other) && !clashes(view, other))) return [];
    const message = `${view.pool.fqdn?.toLowerCase()} is the name of the web services in \`${view.pool.name}\` and also of the pool \`${other.pool.name}\`.`;
    return [{ path: ['pools', view.at, 'fqdn'], message }];
  });
};

/** R31: one full name for each address. */
export const serverNames: Lint = (subject) => {
  const servers = serversOf(subject);
  return servers.flatMap((server, n): Violation[] => {
    const { path, fqdn, address } = server;
    if (!fqdn.includes('.')) return [unqualified(path, fqdn)];
    const before = servers.slice(0, n).find((s) => s.address === address && s.fqdn !== fqdn);
    if (!before) return [];
    const message = `${address} is ${fqdn} here, and ${before.fqdn} in the pool \`${before.pool.pool.name}\`.`;
    return [{ path, message }];
  });
};

/** R32: one address for each name. Edge Servers have one on either side. */
export const oneAddress: Lint = (subject) => {
  const servers = serversOf(subject);
  return servers.flatMap((server, n): Violation[] => {
    const { path, fqdn, address, pool } = server;
    const before = servers.slice(0, n).find((s) => s.fqdn === fqdn && s.address !== address);
    if (!before) return [];
    const apart = before.pool.at !== pool.at;
    if (apart && (pool.profile?.edge || before.pool.profile?.edge || !pool.profile?.product)) return [];
    const message = `The server ${fqdn} has two addresses, ${before.address} (\`${before.name}\`) and ${address}.`;
    return [{ path, message }];
  });
};

function unqualified(path: Violation['path'], fqdn: string): Violation {
  const message = `\`${fqdn}\` is no full name, and means something else in each DNS domain.`;
  return { path, message, hint: `Write it with its domain, such as ${fqdn}.contoso.com.` };
}

function sameName(a: PoolView, b: PoolView): boolean {
  return a.pool.fqdn !== null && a.pool.fqdn.toLowerCase() === b.pool.fqdn?.toLowerCase();
}

/** The later one of two with one name and no VIP in common. */
function clashes(view: PoolView, other: PoolView): boolean {
  const own = view.services.map(({ service }) => service.vip);
  const common = other.services.some(({ service }) => own.includes(service.vip));
  return other.at < view.at && sameName(view, other) && !common;
}

/** Web services of a product, beside a pool that has the rest. */
function isWebOnly({ profile }: PoolView): boolean {
  if (!profile?.product || profile.ports.length === 0) return false;
  return profile.ports.every(({ protocol }) => protocol === 'http' || protocol === 'https');
}
