/** Proxies of HAProxy, read, to sections in our terms. */
import { parseAddress } from '../../../model/address.ts';
import type { At, DraftFallback, DraftPersistence, DraftPort, DraftSection, DraftServer } from '../draft.ts';
import type { Report } from '../report.ts';
import { checksOf } from './server-checks.ts';
import type { Proxy, Server } from './proxy.ts';
import { limitsOf } from './rules.ts';
import { connectTime, effectiveIdle } from './timeouts.ts';

export interface Lookup {
  /** Addresses of names, as the administrator gave them. */
  readonly addresses: ReadonlyMap<string, string>;
  readonly proxies: ReadonlyMap<string, Proxy>;
}

/** @param front where clients connect, @param back whose servers answer; one and the same for `listen` */
export function toSection(front: Proxy, back: Proxy, lookup: Lookup, report: Report): DraftSection {
  const usable = back.servers.filter((server) => canServe(server, back, report));
  const regular = usable.filter((server) => server.wishes.backup !== true);
  const backups = usable.filter((server) => server.wishes.backup === true);
  const servers = regular.map((server) => draftServer(server, back, lookup, report));
  return {
    name: front.name,
    poolName: back.name,
    label: front.label,
    line: front.line,
    ports: front.ports.map((port) => moved(port, front)),
    servers,
    fallback: fallbackOf(backups, front, back, lookup, report),
    checks: checksOf(front, back, regular, lookup.proxies, report),
    onDown: onDownOf(back, regular, report),
    scheduler: schedulerOf(back, report),
    persistence: persistenceOf(back, lookup, report),
    idleMs: effectiveIdle(front, back, report),
    connectMs: connectTime(back, report),
    udpIdleMs: null,
    maxConnections: front.maxConnections,
    ...sourcesOf(back, regular, report),
    nat: null,
    limits: limitsOf(front, lookup.proxies, report),
  };
}

function moved(port: DraftPort, { bindNames, moves }: Proxy): DraftPort {
  const by = moves.get(bindNames.get(port.line) ?? '');
  return by === undefined ? port : { ...port, serverFirst: port.first + by };
}

/** TLS and the PROXY protocol are things that servers expect; without them they would answer nobody. */
function canServe(server: Server, back: Proxy, report: Report): boolean {
  const { tls, wrapped } = server.wishes;
  const why = tls
    ? 'HAProxy speaks TLS to it, which Poolgate does not: bytes go through as clients send them.'
    : wrapped
      ? `It expects the PROXY protocol (\`${wrapped}\`), which Poolgate does not send.`
      : null;
  if (why === null) return true;
  const hint = tls
    ? 'Where clients speak TLS themselves, import without `ssl` here and at `bind`.'
    : 'Switch it off at the server, and import without it.';
  report.add('missing', placeOf(back, server), `${why} The server is left out.`, { hint });
  return false;
}

function draftServer(server: Server, back: Proxy, lookup: Lookup, report: Report): DraftServer {
  const { wishes, line, name, port } = server;
  const found = addressOf(server, back, lookup, report);
  const weight = wishes.weight;
  const place = placeOf(back, server);
  const limit = wishes.maxConnections ?? 0;
  if (limit > 0)
    report.add(
      'changed',
      place,
      `\`maxConnections: ${limit}\`. At it connections do not queue: the next server is taken.`,
    );
  const disabled = isDisabled(server, back, lookup);
  if (disabled) report.add('translated', place, '`admin: maint`.');
  else if (weight === 0) report.add('translated', place, 'Weight 0: it drains.');
  const share = weight === undefined ? '' : ` of weight ${weight}`;
  const ports = port.kind === 'same' ? ', with the ports of the VIP, because it names none' : '';
  report.add('translated', place, `A real server${share}${ports}.`);
  return {
    name,
    line,
    port,
    weight,
    ...found,
    maxConnections: limit,
    admin: disabled ? 'maint' : 'ready',
    tracks: wishes.track !== undefined,
  };
}

/** Who tracks a server is in maintenance with it. */
function isDisabled({ wishes }: Server, back: Proxy, { proxies }: Lookup): boolean {
  if (wishes.disabled === true || wishes.track === undefined) return wishes.disabled === true;
  const [section = '', tracked] = wishes.track.split('/');
  const [where, name] = tracked === undefined ? [back, section] : [proxies.get(section), tracked];
  return where?.servers.find((server) => server.name === name)?.wishes.disabled === true;
}

interface Found {
  readonly address: string;
  readonly known: boolean;
  readonly fqdn?: string | undefined;
}

const FQDN =
  /^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;

function addressOf(server: Server, back: Proxy, lookup: Lookup, report: Report): Found {
  const { host } = server;
  const parsed = parseAddress(host);
  if (parsed.ok) return { address: parsed.address, known: true };
  const fqdn = FQDN.test(host) && /[A-Za-z]/.test(host) ? host : undefined;
  const given = lookup.addresses.get(host.toLowerCase());
  if (given !== undefined) return { address: given, known: true, fqdn };
  const message = `\`${host.slice(0, 80)}\` ${parsed.problem}.`;
  const hint =
    fqdn === undefined
      ? parsed.hint
      : `Import with \`--address ${fqdn}=ADDRESS\`, or write it for \`address\`.`;
  report.add('fill-in', placeOf(back, server), message, { hint });
  return { address: host.slice(0, 253), known: false, fqdn };
}

/** Ports whose protocols do not fit one another's servers: SIP, RPC, and what runs beside them. */
const NOT_HTTP = new Set([
  135, 444, 5060, 5061, 5062, 5063, 5065, 5067, 5068, 5069, 5070, 5071, 5072, 5073, 5074, 8404, 8057, 3478,
]);

function fallbackOf(
  backups: readonly Server[],
  front: Proxy,
  back: Proxy,
  lookup: Lookup,
  report: Report,
): At<DraftFallback> | null {
  const [first, ...rest] = backups;
  if (!first) return null;
  for (const server of rest)
    report.add(
      'changed',
      placeOf(back, server),
      `A pool has one fallback, and that is \`${first.name}\`; this one is left out.`,
    );
  const place = placeOf(back, first);
  const several = front.ports.length > 1 || front.ports.some((p) => p.last > p.first);
  const { port } = first;
  const strange = front.ports.filter((p) => NOT_HTTP.has(p.first)).map((p) => p.first);
  if (port.kind === 'fixed' && several && strange.length > 0 && !strange.includes(port.port)) {
    const message =
      `Left out: all ports would lead to port ${port.port} of this one server. A web page there says nothing to a client of ` +
      `SIP (port ${strange[0]}), TLS or RPC; it sees a connect that works and an answer that it cannot read.`;
    const hint = 'Without a fallback connects are refused while no server is up, and clients try elsewhere.';
    report.add('changed', place, message, { hint });
    return null;
  }
  const found = addressOf(first, back, lookup, report);
  const note = port.kind === 'fixed' && several ? ` All ports lead to its port ${port.port}.` : '';
  report.add(
    'changed',
    place,
    `The fallback: it gets connections while no real server can. It is not checked.${note}`,
  );
  const offset =
    port.kind === 'offset' && !several
      ? { kind: 'fixed' as const, port: (front.ports[0]?.first ?? 0) + port.by }
      : port;
  return { value: { ...found, port: offset, line: first.line }, line: first.line };
}

function onDownOf(back: Proxy, servers: readonly Server[], report: Report): At<'reset' | 'keep'> | null {
  const [first] = servers;
  if (!first) return null;
  const resets = servers.filter((server) => server.wishes.resets === true);
  const value = resets.length > 0 ? 'reset' : 'keep';
  const place = placeOf(back, resets[0] ?? first);
  if (resets.length > 0 && resets.length < servers.length)
    report.add(
      'changed',
      place,
      'Connections of a server that goes down are reset for all servers of the pool, not only for some.',
    );
  else if (value === 'keep')
    report.add(
      'translated',
      place,
      "`onDown: keep`: connections of a server that goes down stay, as without `on-marked-down`. `reset` is Poolgate's own default.",
    );
  else report.add('translated', place, '`onDown: reset`.');
  return { value, line: place.line };
}

function schedulerOf(back: Proxy, report: Report): DraftSection['scheduler'] {
  const given = back.scheduler;
  if (given) return given.value === 'sh' && back.consistent ? { ...given, value: 'mh' } : given;
  const place = { line: back.line, section: back.label, text: back.label };
  report.add('translated', place, 'No `balance`, which is round robin by weight there: scheduler `wrr`.');
  return { value: 'wrr', line: 0 };
}

function persistenceOf(back: Proxy, { proxies }: Lookup, report: Report): At<DraftPersistence> | null {
  const { stick, table } = back;
  if (stick) {
    const its = stick.value === null ? table : (proxies.get(stick.value)?.table ?? null);
    if (!its)
      report.add(
        'changed',
        placeOfStick(back, stick.line),
        'Its table is not in the file, or cannot be translated: 30 minutes and 10240 entries hold.',
      );
    return { value: its?.value ?? {}, line: stick.line };
  }
  if (table)
    report.add(
      'unneeded',
      { line: table.line, section: back.label, text: 'stick-table' },
      'No `stick on src` uses the table: no persistence.',
    );
  return null;
}

function placeOfStick(back: Proxy, line: number) {
  return { line, section: back.label, text: 'stick' };
}

type Sources = Pick<DraftSection, 'snatPool' | 'snatPorts'>;

/** Of a server listed once for each source address HAProxy makes a share each; here the addresses are taken in turn. */
function sourcesOf(back: Proxy, servers: readonly Server[], report: Report): Sources {
  const own = servers.flatMap((server) => server.wishes.source ?? []);
  const all = own.length > 0 ? own : back.source ? [back.source] : [];
  const [first] = all;
  if (!first) return { snatPool: null, snatPorts: null };
  const addresses = [...new Set(all.map((source) => source.address))].slice(0, 256);
  if (own.length > 0 && addresses.length > 1) {
    const place = { line: first.line, section: back.label, text: 'source' };
    report.add(
      'changed',
      place,
      `The sources of all servers together (${addresses.length}) are taken in turn for each of them.`,
    );
  }
  return { snatPool: { value: addresses, line: first.line }, snatPorts: first.ports };
}

export function placeOf(proxy: Proxy, server: Server) {
  return { line: server.line, section: proxy.label, text: `server ${server.name}` };
}
