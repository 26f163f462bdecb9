/** A config as HAProxy 2.6 and later takes it: pools are backends, virtual services frontends. */
import type { LoadedConfig } from '../../../config/loaded.ts';
import type { EffectiveConfig } from '../../../model/effective.ts';
import { formatDuration } from '../../../model/duration.ts';
import { formatRange } from '../../../model/ports.ts';
import { appliance, heading } from '../heading.ts';
import { nothingFor } from '../nothing.ts';
import { newPage, type Page } from '../page.ts';
import type { Exported } from '../remark.ts';
import { writeBackend } from './backend.ts';
import { writeFrontend, writeSources } from './frontend.ts';
import { type Section, sectionsOf } from './sections.ts';

/** @throws PoolgateError NOTHING_TO_EXPORT */
export function exportHaproxy({ file, effective, provenance }: LoadedConfig): Exported {
  const sections = sectionsOf(effective);
  if (sections.length === 0) throw nothingFor('haproxy', file);
  const page = newPage('haproxy', provenance);
  heading(page, 'haproxy', file, effective);
  writeGlobal(page, effective);
  writeDefaults(page, effective);
  const apart = new Set(sections.flatMap(({ tracks, pool }) => (tracks === null ? [] : [pool.name])));
  for (const section of sections) writeSection(page, section, apart.has(section.pool.name));
  for (const service of effective.services) remarkUdp(page, service);
  for (const pool of effective.pools) {
    if (!effective.services.some((service) => service.pool === pool.name))
      page.remark('noService', `pools[${pool.name}]`);
  }
  return page.done();
}

function writeGlobal(page: Page, config: EffectiveConfig): void {
  page.blank();
  page.block('global', () => {
    page.line(`hard-stop-after ${formatDuration(config.shutdownTimeoutMs)}`);
    appliance(page, config);
    page.comment('stats socket /run/haproxy/admin.sock mode 660 level admin');
  });
}

/** HAProxy warns of sections without timeouts; those that differ say so themselves. */
function writeDefaults(page: Page, config: EffectiveConfig): void {
  const [first] = config.services;
  if (!first) return;
  page.blank();
  page.block('defaults', () => {
    page.line('mode tcp');
    page.line(`timeout connect ${formatDuration(first.connectTimeoutMs)}`);
    page.line(`timeout client ${formatDuration(first.idleTimeoutMs)}`);
    page.line(`timeout server ${formatDuration(first.idleTimeoutMs)}`);
  });
}

function writeSection(page: Page, section: Section, apart: boolean): void {
  for (const service of section.services) {
    if (service !== section.listen) {
      page.blank();
      page.block(`frontend ${service.name}`, () => {
        writeFrontend(page, service);
        page.line(`default_backend ${section.name}`);
      });
    }
    writeSources(page, service);
  }
  page.blank();
  page.block(`${section.listen ? 'listen' : 'backend'} ${section.name}`, () => {
    if (section.listen) writeFrontend(page, section.listen);
    if (section.tracks === null && section.name !== section.pool.name)
      page.remark('renamed', `pools[${section.pool.name}].name`, section.pool.name, section.name);
    if (apart)
      page.remark(
        'countsApart',
        `pools[${section.pool.name}]`,
        section.services.map((s) => s.name).join(', '),
      );
    writeBackend(page, section);
  });
}

function remarkUdp(page: Page, { name, ports, udpIdleMs }: EffectiveConfig['services'][number]): void {
  const udp = ports.filter(({ protocol }) => protocol === 'udp');
  if (udp.length === 0) return;
  const at = `virtualServices[${name}]`;
  page.blank();
  page.remark('udp', udp.length === ports.length ? at : `${at}.ports`, udp.map(formatRange).join(', '));
  page.remark('udpIdle', `${at}.timeouts.udpIdle`, formatDuration(udpIdleMs));
}
