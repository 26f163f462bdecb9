/**
 * Full NAT beside IPVS, which rewrites the destination alone: a table of nftables that makes this machine the source,
 * as a comment, because keepalived loads none.
 */
import { isIPv6 } from 'node:net';
import type { EffectiveConfig, EffectivePool, EffectiveService, Protocol } from '../../../model/effective.ts';
import { portSet, sourceOf } from '../nftables/words.ts';
import type { Page } from '../page.ts';

export function writeSourceTable(page: Page, { services, pools }: EffectiveConfig): void {
  const rules = services
    .filter(({ nat }) => nat === 'full')
    .flatMap((service) => {
      const pool = pools.find(({ name }) => name === service.pool);
      return pool ? rulesOf(pool, service) : [];
    });
  if (rules.length === 0) return;
  page.comment(
    'Full NAT: put this in a file for `nft -f`, and set net.ipv4.vs.conntrack=1, net.ipv4.ip_forward=1.',
  );
  const lines = [
    'table inet poolgate_source',
    'delete table inet poolgate_source',
    'table inet poolgate_source {',
    '    chain source {',
    '        type nat hook postrouting priority srcnat; policy accept;',
    ...rules.map((rule) => `        ${rule}`),
    '    }',
    '}',
  ];
  // Not wrapped: these lines are to be taken as they are.
  for (const line of lines) page.line(`#   ${line}`);
}

function rulesOf(pool: EffectivePool, service: EffectiveService): string[] {
  const v6 = isIPv6(service.vip);
  const ip = v6 ? 'ip6' : 'ip';
  const ends = [...pool.realServers, ...(pool.fallback ? [pool.fallback] : [])];
  const addresses = ends.map(({ address }) => address).filter((address) => isIPv6(address) === v6);
  if (addresses.length === 0) return [];
  return (['tcp', 'udp'] as const).flatMap((protocol) => {
    const ports = serverPorts(pool, service, protocol);
    if (ports === null) return [];
    const to = `${ip} daddr { ${[...new Set(addresses)].join(', ')} } ${protocol} dport ${ports}`;
    return [`${to} ${sourceOf(service, v6)}`];
  });
}

function serverPorts(
  { fallback }: EffectivePool,
  { ports }: EffectiveService,
  protocol: Protocol,
): string | null {
  const own = ports.filter((range) => range.protocol === protocol);
  if (own.length === 0) return null;
  const there = own.map(({ first, last, serverFirst }) => ({
    first: serverFirst,
    last: serverFirst + last - first,
  }));
  const extra = fallback?.port ? [{ first: fallback.port, last: fallback.port }] : [];
  return portSet([...there, ...extra]);
}
