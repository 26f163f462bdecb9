/**
 * A config as a table of nftables: connections are translated and shared out by the kernel, and nobody looks after the
 * servers. Loading the file replaces the table and leaves everybody else's alone.
 */
import type { LoadedConfig } from '../../../config/loaded.ts';
import type { EffectiveConfig, EffectiveService } from '../../../model/effective.ts';
import { appliance, heading } from '../heading.ts';
import { newPage, type Page } from '../page.ts';
import type { Exported } from '../remark.ts';
import { writeAdmission, writeSets, writeTimeouts } from './admission.ts';
import { writeForwarding } from './forwarding.ts';
import { remarkPool, remarkService } from './remarks.ts';
import { placesOf } from './places.ts';
import { writeDestination, writeSource } from './translation.ts';

const TABLE = 'table inet poolgate_export';

export function exportNftables({ file, effective, provenance }: LoadedConfig): Exported {
  const page = newPage('nftables', provenance);
  heading(page, 'nftables', file, effective);
  appliance(page, effective);
  page.blank();
  // Declared first, so that deleting it works also where it is not there yet.
  page.line(TABLE);
  page.line(`delete ${TABLE}`);
  page.block(`${TABLE} {`, () => writeTable(page, effective), '}');
  return page.done();
}

function writeTable(page: Page, config: EffectiveConfig): void {
  const places = placesOf(config);
  for (const pool of config.pools) {
    const used = config.services.some((service) => service.pool === pool.name);
    if (used) remarkPool(page, pool);
    else page.remark('noService', `pools[${pool.name}]`);
  }
  writeTimeouts(page, places);
  for (const place of places) writeSets(page, place);
  writeAdmission(page, places);
  chain(page, 'translate', 'type nat hook prerouting priority dstnat; policy accept;', () => {
    for (const place of places) {
      title(page, place.service);
      remarkService(page, place);
      writeDestination(page, place);
    }
  });
  chain(page, 'source', 'type nat hook postrouting priority srcnat; policy accept;', () => {
    for (const place of places) writeSource(page, place);
  });
  writeForwarding(page, config.topology);
}

function title(page: Page, { name, scheduler }: EffectiveService): void {
  page.comment(`virtualServices[${name}], ${scheduler}`);
}

function chain(page: Page, name: string, hook: string, body: () => void): void {
  page.block(
    `chain ${name} {`,
    () => {
      page.line(hook);
      body();
    },
    '}',
  );
}
