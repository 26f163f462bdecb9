/** A config as keepalived takes it: virtual servers of IPVS, and the checks that keepalived makes. */
import type { LoadedConfig } from '../../../config/loaded.ts';
import { formatDuration } from '../../../model/duration.ts';
import type { EffectiveConfig, EffectivePool } from '../../../model/effective.ts';
import { appliance, heading } from '../heading.ts';
import { nothingFor } from '../nothing.ts';
import { newPage, type Page } from '../page.ts';
import type { Exported } from '../remark.ts';
import { remarkPool, remarkService } from './remarks.ts';
import { writeSourceTable } from './source-table.ts';
import { virtualServersOf } from './virtual-servers.ts';
import { writeVirtualServer } from './write-virtual-server.ts';

/** @throws PoolgateError NOTHING_TO_EXPORT */
export function exportKeepalived({ file, effective, provenance }: LoadedConfig): Exported {
  const some = effective.pools.some((pool) =>
    effective.services.some(
      (service) => service.pool === pool.name && virtualServersOf(pool, service).length > 0,
    ),
  );
  if (!some) throw nothingFor('keepalived', file);
  const page = newPage('keepalived', provenance);
  heading(page, 'keepalived', file, effective);
  writeSourceTable(page, effective);
  page.blank();
  appliance(page, effective);
  writeGlobal(page, effective);
  for (const pool of effective.pools) writePool(page, effective, pool);
  return page.done();
}

/** IPVS has one timeout for all TCP connections of the machine, and one for all UDP flows: the longest that any needs. */
function writeGlobal(page: Page, { services }: EffectiveConfig): void {
  page.block(
    'global_defs {',
    () => {
      const tcp = longestSeconds(services.map(({ idleTimeoutMs }) => idleTimeoutMs));
      const udp = longestSeconds(services.map(({ udpIdleMs }) => udpIdleMs));
      // One end may have said all it had to say and listen on: that may take as long as any other silence.
      page.line(`lvs_timeouts tcp ${tcp} tcpfin ${tcp} udp ${udp}`);
    },
    '}',
  );
}

function writePool(page: Page, config: EffectiveConfig, pool: EffectivePool): void {
  const services = config.services.filter((service) => service.pool === pool.name);
  page.blank();
  if (services.length === 0) {
    page.remark('noService', `pools[${pool.name}]`);
    return;
  }
  remarkPool(page, pool);
  const all = services.flatMap((service) => virtualServersOf(pool, service));
  if (all.length > 1) page.remark('countsApart', `pools[${pool.name}]`, `${all.length} virtual servers`);
  for (const service of services) {
    page.blank();
    page.comment(`virtualServices[${service.name}], idle ${formatDuration(service.idleTimeoutMs)}`);
    remarkService(page, pool, service);
    for (const virtual of all.filter((one) => one.service === service)) writeVirtualServer(page, virtual);
  }
}

function longestSeconds(values: readonly number[]): number {
  return Math.ceil(Math.max(...values) / 1000);
}
