/** A section by itself made fit for a config: its servers agree on their ports, and each address is there once. */
import { canonicalAddress } from '../../model/address.ts';
import type { DraftPort, DraftSection, DraftServer, ServerPort } from './draft.ts';
import type { Report } from './report.ts';

/** As the config's schema has it. */
const MOST_SERVERS = 256;

/** Null when nothing is left that connections could go to. */
export function agree(section: DraftSection, report: Report): DraftSection | null {
  const whole = { line: section.line, section: section.label, text: section.label };
  if (section.servers.length === 0 && section.fallback === null) {
    report.add('missing', whole, 'The section has no server that can be translated, so it is left out.');
    return null;
  }
  if (section.ports.length === 0) {
    report.add('missing', whole, 'The section has no port that can be translated, so it is left out.', {
      hint: 'Nobody could connect to it.',
    });
    return null;
  }
  const alike = samePorts(section, report);
  const servers = withoutTwins(section, alike, report);
  if (servers.length > MOST_SERVERS)
    report.add('missing', whole, `The section has ${servers.length} servers; the first 256 are taken.`);
  return { ...section, checks: checksLeft(section, alike), servers: servers.slice(0, MOST_SERVERS) };
}

/** Where the port of the VIP leads on the server. */
export function serverPortOf(port: ServerPort, first: number): number {
  if (port.kind === 'same') return first;
  return port.kind === 'fixed' ? port.port : first + port.by;
}

/** A port of the VIP leads to one port, the same on every server. */
function samePorts(section: DraftSection, report: Report): DraftServer[] {
  const [lead] = section.servers;
  if (!lead) return [];
  const wanted = leadsTo(lead, section.ports);
  return section.servers.filter((server) => {
    const own = leadsTo(server, section.ports);
    if (own === wanted) return true;
    report.add(
      'missing',
      placeOf(section, server),
      `Its port (${own}) is not that of the server \`${lead.name}\` (${wanted}): a port of the VIP leads to the same port of ` +
        'every server. The server is left out.',
      { hint: 'Let the servers have the same port, or give this one a virtual service of its own.' },
    );
    return false;
  });
}

function leadsTo(server: DraftServer, ports: readonly DraftPort[]): string {
  const [first] = ports;
  if (server.port.kind === 'fixed') return `${server.port.port}`;
  return first === undefined ? '' : `${serverPortOf(server.port, first.first)}`;
}

/** Without those that only servers which were left out had. */
function checksLeft({ checks, servers }: DraftSection, kept: readonly DraftServer[]): DraftSection['checks'] {
  const gone = new Set(servers.filter((s) => !kept.some((k) => k.line === s.line)).map((s) => s.line));
  return checks.filter((check) => !gone.has(check.line));
}

/** Twice the same server is a server with twice the share. */
function withoutTwins(section: DraftSection, servers: readonly DraftServer[], report: Report): DraftServer[] {
  const byAddress = new Map<string, DraftServer>();
  for (const server of servers) {
    const key = canonicalAddress(server.address);
    const before = byAddress.get(key);
    if (!before) {
      byAddress.set(key, server);
      continue;
    }
    byAddress.set(key, {
      ...before,
      weight: (before.weight ?? 1) + (server.weight ?? 1),
      maxConnections:
        before.maxConnections === 0 || server.maxConnections === 0
          ? 0
          : before.maxConnections + server.maxConnections,
    });
    const message = `Its address is that of \`${before.name}\` (line ${before.line}): one server, with the weights added.`;
    report.add('changed', placeOf(section, server), message);
  }
  return [...byAddress.values()];
}

function placeOf(section: DraftSection, server: DraftServer) {
  return { line: server.line, section: section.label, text: `server ${server.name}` };
}
