/** Pools and what leads to them: virtual services, each with its ports. */
import { canonicalAddress } from '../../model/address.ts';
import { serverPortOf } from './agree.ts';
import type { At, DraftPort, DraftSection } from './draft.ts';
import { cleanName, commonName, uniqueName } from './names.ts';
import type { PlannedPort, PlannedService } from './plan.ts';
import type { Pooled } from './plan-pools.ts';
import type { Report } from './report.ts';

/** As the config's schema has it. */
const MOST_SERVICES = 256;
const MOST_PORTS = 1024;
/** Of all services: each is compared with those before it. */
const MOST_IN_ALL = 8192;
/** A range that leads to a single port becomes a mapping for each of its ports. */
const MOST_FUNNELLED = 64;

interface Group {
  readonly service: PlannedService;
  readonly key: string;
  readonly names: string[];
}

export function planServices(pooled: readonly Pooled[], report: Report): PlannedService[] {
  const groups: Group[] = [];
  const wanted = new Map<string, PlannedPort[]>();
  for (const { section, pool } of pooled) {
    const byVip = Map.groupBy(section.ports, ({ vip }) => (vip === null ? null : canonicalAddress(vip)));
    if (byVip.size > 1) tellSeveral(section, byVip.size, report);
    for (const [vip, ports] of byVip) {
      const key = JSON.stringify([vip, settingsOf(section)]);
      const group = groups.find((g) => g.service.pool === pool && g.key === key);
      if (!group && groups.length >= MOST_SERVICES) {
        report.add('missing', placeOf(section), `A config has at most ${MOST_SERVICES} virtual services.`);
        continue;
      }
      const into = group ?? newGroup(section, pool, vip, key);
      if (!group) groups.push(into);
      else if (into.service.lines[0] !== section.line) share(into, section, report);
      addPorts(into.service, section, ports, wanted, report);
    }
  }
  const used = groups.filter(({ service }) => service.ports.length > 0);
  const taken = new Set<string>();
  for (const { service, names } of used)
    service.name = uniqueName(cleanName(commonName(names), 'service'), taken);
  return used.map(({ service }) => service);
}

function newGroup(section: DraftSection, pool: Pooled['pool'], vip: string | null, key: string): Group {
  const { scheduler, persistence, idleMs, connectMs, udpIdleMs } = section;
  const { maxConnections, snatPool, snatPorts, nat, limits } = section;
  return {
    key,
    names: [section.name],
    service: {
      name: '',
      lines: [section.line],
      vip,
      pool,
      ports: [],
      scheduler,
      persistence,
      idleMs,
      connectMs,
      udpIdleMs,
      maxConnections,
      snatPool,
      snatPorts,
      nat,
      limits,
    },
  };
}

/** What two sections allowed apart, the service allows in all. */
function share({ service, names }: Group, section: DraftSection, report: Report): void {
  const message = `Same address, servers and settings as \`${names[0]}\` (line ${service.lines[0]}): one virtual service, with the ports of both.`;
  report.add('changed', placeOf(section), message);
  names.push(section.name);
  service.lines.push(section.line);
  const [a, b] = [service.maxConnections, section.maxConnections];
  service.maxConnections = a && b ? { value: a.value + b.value, line: a.line } : null;
}

function settingsOf(s: DraftSection): unknown[] {
  const values = [
    s.scheduler,
    s.persistence,
    s.idleMs,
    s.connectMs,
    s.udpIdleMs,
    s.snatPool,
    s.nat,
    s.limits,
  ];
  return [...values.map((at: At<unknown> | null) => at?.value ?? null), s.snatPorts];
}

function addPorts(
  service: PlannedService,
  section: DraftSection,
  ports: readonly DraftPort[],
  wanted: Map<string, PlannedPort[]>,
  report: Report,
): void {
  for (const port of ports.flatMap((p) => planned(p, section, report))) {
    const place = { ...placeOf(section), line: port.line, text: portText(port) };
    const key = `${port.protocol} ${service.vip ?? '*'}`;
    const others = wanted.get(key) ?? wanted.set(key, []).get(key) ?? [];
    const clash = others.find((o) => o.first <= port.last && port.first <= o.last);
    if (clash) {
      report.add('missing', place, `This port is taken by line ${clash.line} already; here it is left out.`);
    } else if (service.ports.length >= MOST_PORTS || others.length >= MOST_IN_ALL) {
      report.add('missing', place, `A virtual service has at most ${MOST_PORTS} entries of ports.`);
    } else {
      service.ports.push(port);
      others.push(port);
    }
  }
}

function planned(port: DraftPort, section: DraftSection, report: Report): PlannedPort[] {
  const { protocol, first, last, line } = port;
  const lead = section.servers[0]?.port ?? section.fallback?.value.port ?? { kind: 'same' };
  const place = { ...placeOf(section), line, text: `${first}-${last}` };
  if (lead.kind === 'fixed' && last > first) {
    if (last - first >= MOST_FUNNELLED) {
      report.add(
        'missing',
        place,
        `All ports of this range lead to port ${lead.port} of the servers; here ranges lead to ranges. Left out.`,
      );
      return [];
    }
    return Array.from({ length: last - first + 1 }, (_, i) => ({
      protocol,
      line,
      first: first + i,
      last: first + i,
      serverFirst: lead.port,
    }));
  }
  const serverFirst =
    lead.kind === 'same' && port.serverFirst !== undefined ? port.serverFirst : serverPortOf(lead, first);
  if (serverFirst >= 1 && serverFirst + last - first <= 65_535)
    return [{ protocol, first, last, serverFirst, line }];
  report.add(
    'missing',
    place,
    `It would lead to port ${serverFirst} of the servers, which there is none of. Left out.`,
  );
  return [];
}

function tellSeveral(section: DraftSection, count: number, report: Report): void {
  const message = `It has ${count} addresses: a virtual service for each, with one pool.`;
  const limit = section.maxConnections;
  const more = limit ? ` The limit of ${limit.value} connections holds for each of them.` : '';
  report.add(limit ? 'changed' : 'translated', placeOf(section), message + more);
}

function portText({ first, last, protocol }: PlannedPort): string {
  return `${first === last ? first : `${first}-${last}`}${protocol === 'udp' ? '/udp' : ''}`;
}

function placeOf(section: DraftSection) {
  return { line: section.line, section: section.label, text: section.label };
}
