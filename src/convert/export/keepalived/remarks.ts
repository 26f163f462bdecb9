/** What keepalived does otherwise, or not at all, with a pool and with a virtual service. */
import { isIPv6 } from 'node:net';
import { formatDuration } from '../../../model/duration.ts';
import type { EffectivePool, EffectiveService, HealthCheck } from '../../../model/effective.ts';
import { formatRange } from '../../../model/ports.ts';
import type { SchedulerName } from '../../../scheduler/names.ts';
import type { Aspect } from '../coverage.ts';
import type { Page } from '../page.ts';
import { remarkNames } from '../pool-names.ts';
import { isMapped, tooMany } from './virtual-servers.ts';

const SCHEDULER: Readonly<Record<SchedulerName, Aspect>> = {
  rr: 'rr',
  wrr: 'rr',
  lc: 'lc',
  wlc: 'wlc',
  sh: 'sh',
  mh: 'mh',
};

export function remarkPool(page: Page, pool: EffectivePool): void {
  const at = `pools[${pool.name}]`;
  remarkNames(page, pool);
  page.remark('drainTimeout', `${at}.drain.timeout`, formatDuration(pool.drain.timeoutMs));
  if (pool.onDown === 'reset') page.remark('onDownReset', `${at}.onDown`, 'reset');
  for (const [i, check] of pool.healthChecks.entries()) remarkCheck(page, `${at}.healthChecks[${i}]`, check);
  for (const server of pool.realServers) {
    const path = `${at}.realServers[${server.name}]`;
    if (server.admin === 'maint')
      page.remark('maint', `${path}.admin`, `maint (${server.address}, weight ${server.weight})`);
    if (server.admin === 'drain' && server.weight > 0)
      page.remark('drainWeight', `${path}.weight`, `${server.weight}`);
    if (server.maxConnections > 0)
      page.remark('serverLimit', `${path}.maxConnections`, `${server.maxConnections}`);
  }
}

function remarkCheck(page: Page, at: string, check: HealthCheck): void {
  const { type, port, rise, tls } = check;
  if (type === 'tls') page.remark('tlsCheck', at, `tls ${port}`);
  if (type === 'sip') page.remark('sipCheck', at, `sip ${port}`);
  if (tls?.verify) page.remark('verify', `${at}.verify`, 'true');
  if (tls && tls.minDaysLeft > 0) page.remark('minDaysLeft', `${at}.minDaysLeft`, `${tls.minDaysLeft}`);
  if (rise > 1) page.remark('rise', `${at}.rise`, `${rise}`);
}

export function remarkService(page: Page, pool: EffectivePool, service: EffectiveService): void {
  const at = `virtualServices[${service.name}]`;
  page.remark(SCHEDULER[service.scheduler], `${at}.scheduler`, service.scheduler);
  page.remark('redispatch', `${at}.redispatch`, `${service.redispatch}`);
  page.remark('connectTimeout', `${at}.timeouts.connect`, formatDuration(service.connectTimeoutMs));
  page.remark('idle', `${at}.timeouts.idle`, formatDuration(service.idleTimeoutMs));
  if (service.ports.some(({ protocol }) => protocol === 'udp'))
    page.remark('udpIdle', `${at}.timeouts.udpIdle`, formatDuration(service.udpIdleMs));
  remarkPorts(page, at, service);
  remarkClients(page, at, pool, service);
  if (service.nat === 'full') page.remark('natFull', `${at}.nat`, 'full');
  const others = pool.realServers.filter(({ address }) => isIPv6(address) !== isIPv6(service.vip));
  if (others.length > 0)
    page.remark('family', `${at}.vip`, service.vip, others.map((s) => s.name).join(', '));
}

function remarkPorts(page: Page, at: string, { ports }: EffectiveService): void {
  for (const range of ports.filter(tooMany))
    page.remark(isMapped(range) ? 'mappedRange' : 'manyPorts', `${at}.ports`, formatRange(range));
}

function remarkClients(page: Page, at: string, pool: EffectivePool, service: EffectiveService): void {
  const { persistence, maxConnections, limits } = service;
  if (persistence) {
    page.remark('persistence', `${at}.persistence.type`, 'source-ip');
    page.remark('persistenceTable', `${at}.persistence.maxEntries`, `${persistence.maxEntries}`);
    if (!pool.drain.keepPersistence)
      page.remark('keepPersistence', `pools[${pool.name}].drain.keepPersistence`, 'false');
  }
  if (maxConnections > 0) page.remark('serviceLimit', `${at}.maxConnections`, `${maxConnections}`);
  const { connectionsPerSource, newConnectionsPerSecondPerSource } = limits;
  if (connectionsPerSource > 0)
    page.remark('sourceConnections', `${at}.limits.connectionsPerSource`, `${connectionsPerSource}`);
  if (newConnectionsPerSecondPerSource > 0)
    page.remark(
      'sourceRate',
      `${at}.limits.newConnectionsPerSecondPerSource`,
      `${newConnectionsPerSecondPerSource}`,
    );
}
