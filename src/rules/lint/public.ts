/** R27: addresses that the Internet routes. */
import { type Cidr, isWithin } from '../../model/cidr.ts';
import type { Lint, Violation } from '../rule.ts';
import { poolsOf } from './views.ts';

/** RFC 1918, and RFC 4193. */
export const PRIVATE: readonly Cidr[] = [
  { address: '10.0.0.0', prefix: 8 },
  { address: '172.16.0.0', prefix: 12 },
  { address: '192.168.0.0', prefix: 16 },
  { address: 'fc00::', prefix: 7 },
];

/**
 * By the registries of special purpose addresses (RFC 6890). Those of documentation are not here: in examples they stand for
 * public ones, and somebody who forgets to replace them finds out at the first connect.
 */
const OTHERS: readonly (readonly [what: string, network: Cidr])[] = [
  ['shared by customers of a provider (RFC 6598)', { address: '100.64.0.0', prefix: 10 }],
  ['a loopback address', { address: '127.0.0.0', prefix: 8 }],
  ['a link-local address', { address: '169.254.0.0', prefix: 16 }],
  ['for benchmarks (RFC 2544)', { address: '198.18.0.0', prefix: 15 }],
  ['a loopback address', { address: '::1', prefix: 128 }],
];

const NOT_PUBLIC = [...PRIVATE.map((network) => ['private', network] as const), ...OTHERS];

/** What an address is instead of public; null: it is public, or of documentation. @param address canonical */
export function notPublic(address: string): string | null {
  return NOT_PUBLIC.find(([, network]) => isWithin(address, network))?.[0] ?? null;
}

export const publicAddresses: Lint = (subject) =>
  poolsOf(subject).flatMap(({ at, pool, profile, services }): Violation[] => {
    const asked = profile?.publicServers;
    if (!asked) return [];
    const places = [
      ...pool.realServers.map(({ name, address }, n) => ({
        what: `The server \`${name}\` has the address ${address}`,
        address,
        path: ['pools', at, 'realServers', n, 'address'],
      })),
      ...services.map(({ at: n, service: { vip } }) => ({
        what: `The VIP is ${vip}`,
        address: vip,
        path: ['virtualServices', n, 'vip'],
      })),
    ];
    return places.flatMap(({ what, address, path }) => {
      const why = notPublic(address);
      if (why === null) return [];
      const message = `${what}, which is ${why}, and nobody may translate it: those outside cannot reach it.`;
      return [{ path, message, source: asked.source }];
    });
  });
