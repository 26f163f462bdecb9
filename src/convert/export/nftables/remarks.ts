/** What nftables does otherwise, or not at all, with a pool and with a virtual service. */
import { isIPv6 } from 'node:net';
import { formatDuration } from '../../../model/duration.ts';
import type { CheckType, EffectivePool } from '../../../model/effective.ts';
import { formatRange } from '../../../model/ports.ts';
import type { Aspect } from '../coverage.ts';
import type { Page } from '../page.ts';
import { remarkNames } from '../pool-names.ts';
import type { Place } from './places.ts';
import { isTooLong } from './translation.ts';

const CHECK: Readonly<Record<CheckType, Aspect>> = {
  tcp: 'tcpCheck',
  tls: 'tlsCheck',
  http: 'httpCheck',
  https: 'httpCheck',
  sip: 'sipCheck',
  stun: 'stunCheck',
};

export function remarkPool(page: Page, pool: EffectivePool): void {
  const at = `pools[${pool.name}]`;
  remarkNames(page, pool);
  for (const [i, { type, port }] of pool.healthChecks.entries())
    page.remark(CHECK[type], `${at}.healthChecks[${i}].type`, `${type} ${port}`);
  if (pool.onDown === 'reset') page.remark('onDownReset', `${at}.onDown`, 'reset');
  page.remark('drainTimeout', `${at}.drain.timeout`, formatDuration(pool.drain.timeoutMs));
  if (pool.fallback) page.remark('fallback', `${at}.fallback.address`, pool.fallback.address);
  for (const { name, admin, address, weight, maxConnections } of pool.realServers) {
    const path = `${at}.realServers[${name}]`;
    if (admin === 'maint') page.remark('maint', `${path}.admin`, `maint (${address}, weight ${weight})`);
    if (admin === 'drain' && weight > 0)
      page.remark('drainWeight', `${path}.weight`, `${weight} (${address})`);
    if (maxConnections > 0) page.remark('serverLimit', `${path}.maxConnections`, `${maxConnections}`);
  }
}

export function remarkService(page: Page, { service, pool }: Place): void {
  const at = `virtualServices[${service.name}]`;
  const { scheduler, persistence, nat } = service;
  if (scheduler !== 'rr' && scheduler !== 'wrr') page.remark(scheduler, `${at}.scheduler`, scheduler);
  if (scheduler === 'rr' || scheduler === 'lc') {
    for (const { name, weight } of pool.realServers.filter((server) => server.weight > 1))
      page.remark('unweighted', `pools[${pool.name}].realServers[${name}].weight`, `${weight}`);
  }
  page.remark('redispatch', `${at}.redispatch`, `${service.redispatch}`);
  page.remark('connectTimeout', `${at}.timeouts.connect`, formatDuration(service.connectTimeoutMs));
  page.remark('idle', `${at}.timeouts.idle`, formatDuration(service.idleTimeoutMs));
  if (persistence) {
    page.remark('persistence', `${at}.persistence.type`, 'source-ip');
    if (pool.drain.keepPersistence)
      page.remark('keepsPersistence', `pools[${pool.name}].drain.keepPersistence`, 'true');
    page.remark('persistenceTable', `${at}.persistence.maxEntries`, `${persistence.maxEntries}`);
  }
  if (nat === 'none') page.remark('natNone', `${at}.nat`, 'none');
  for (const range of service.ports.filter(isTooLong))
    page.remark('mappedRange', `${at}.ports`, formatRange(range));
  const others = pool.realServers.filter(({ address }) => isIPv6(address) !== isIPv6(service.vip));
  if (others.length > 0)
    page.remark('family', `${at}.vip`, service.vip, others.map((s) => s.name).join(', '));
}
