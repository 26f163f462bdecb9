/** A pool's servers, how one of them is chosen, and how long things may take. */
import { formatDuration } from '../../../model/duration.ts';
import type { EffectiveService } from '../../../model/effective.ts';
import type { SchedulerName } from '../../../scheduler/names.ts';
import { isIPv6 } from 'node:net';
import type { Page } from '../page.ts';
import { writeChecks } from './checks.ts';
import type { Section } from './sections.ts';
import { writeServers } from './servers.ts';

const BALANCE: Readonly<Record<SchedulerName, readonly string[]>> = {
  rr: ['balance roundrobin'],
  wrr: ['balance roundrobin'],
  lc: ['balance leastconn'],
  wlc: ['balance leastconn'],
  sh: ['balance source', 'hash-type consistent'],
  mh: ['balance source', 'hash-type consistent'],
};

export function writeBackend(page: Page, section: Section): void {
  const [service] = section.services;
  if (!service) return;
  const at = `virtualServices[${service.name}]`;
  const { scheduler } = service;
  if (scheduler === 'sh' || scheduler === 'mh') page.remark(scheduler, `${at}.scheduler`, scheduler);
  if (scheduler === 'rr' || scheduler === 'lc') page.remark('evenly', `${at}.scheduler`, scheduler);
  for (const line of BALANCE[scheduler]) page.line(line);
  page.line(`timeout connect ${formatDuration(service.connectTimeoutMs)}`);
  for (const side of ['server', 'tunnel'])
    page.line(`timeout ${side} ${formatDuration(service.idleTimeoutMs)}`);
  writeRedispatch(page, service);
  writePersistence(page, section, service);
  const checks = writeChecks(page, section, service);
  writeServers(page, section, service, checks);
}

/** One more try, and that on another server; without redispatch none. */
function writeRedispatch(page: Page, { redispatch }: EffectiveService): void {
  page.line(`retries ${redispatch ? 1 : 0}`);
  page.line(redispatch ? 'option redispatch 1' : 'no option redispatch');
}

function writePersistence(page: Page, { pool }: Section, { persistence, vip, name }: EffectiveService): void {
  if (!persistence) return;
  page.remark('persistence', `virtualServices[${name}].persistence.type`, 'source-ip');
  const { timeoutMs, maxEntries } = persistence;
  const type = isIPv6(vip) ? 'ipv6' : 'ip';
  page.line(`stick-table type ${type} size ${maxEntries} expire ${formatDuration(timeoutMs)}`);
  page.line('stick on src');
  const { keepPersistence } = pool.drain;
  const aspect = keepPersistence ? 'keepsPersistence' : 'keepPersistence';
  page.remark(aspect, `pools[${pool.name}].drain.keepPersistence`, `${keepPersistence}`);
}
