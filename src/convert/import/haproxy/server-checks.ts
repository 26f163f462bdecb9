/** The health checks of a pool, from what HAProxy asks each of its servers. */
import { serverPortOf } from '../agree.ts';
import type { DraftCheck } from '../draft.ts';
import type { Report } from '../report.ts';
import type { Checking, Proxy, Server, ServerWishes, Step } from './proxy.ts';

/** Of the pools of these products the port that dies alone most often. */
const CONFERENCING = 444;
const HOUR_MS = 3_600_000;
/** Of our probes, when nobody says otherwise. */
const PROBE_MS = 3000;

export function checksOf(
  front: Proxy,
  back: Proxy,
  servers: readonly Server[],
  proxies: ReadonlyMap<string, Proxy>,
  report: Report,
): DraftCheck[] {
  const checks = new Map<string, DraftCheck>();
  const checked = servers.filter((server) => server.wishes.check === true);
  for (const server of checked) {
    for (const check of checksFor(server, front, back, report)) {
      const key = `${check.type} ${check.port}`;
      if (!checks.has(key)) checks.set(key, check);
    }
  }
  tellUnchecked(back, servers, checked, report);
  if (checked.length > 0) return told([...checks.values()], servers, front, back, report);
  const tracked = trackedChecks(front, back, servers, proxies, report);
  if (tracked.length > 0) return tracked;
  return servers.length > 0 ? fallbackCheck(front, servers[0], report) : [];
}

function checksFor(server: Server, front: Proxy, back: Proxy, report: Report): DraftCheck[] {
  const { checking } = back;
  const { wishes, line } = server;
  const first = front.ports[0]?.first;
  const own =
    wishes.checkPort ??
    (first === undefined && server.port.kind !== 'fixed' ? undefined : serverPortOf(server.port, first ?? 0));
  const base = { ...paceOf(server, back, report), line };
  const tls = wishes.checkTls === true || (wishes.tls === true && wishes.checkPort === undefined);
  if (checking.how === 'http') tellMethod(back, report);
  if (checking.steps.length > 0)
    return checking.steps.flatMap((step) => stepCheck(asked(step, checking), base, own, tls, wishes));
  const port = own;
  if (port === undefined || port < 1 || port > 65_535) return [];
  if (checking.how !== 'http') {
    const type = checking.how === 'tls' || tls ? 'tls' : 'tcp';
    return [{ ...base, type, port, ...(type === 'tls' ? certificate(wishes, undefined) : {}) }];
  }
  const { path, host, expectStatus, expectBody } = checking;
  const wanted = tls ? certificate(wishes, undefined) : {};
  return [{ ...base, type: tls ? 'https' : 'http', port, path, host, expectStatus, expectBody, ...wanted }];
}

/** Of HTTP a connection without words of its own asks for what all do. */
function asked(step: Step, { how, path, host, expectStatus, expectBody }: Checking): Step {
  if (how !== 'http' || step.talk) return step;
  return { ...step, talk: { protocol: 'http', path, host, expectStatus, expectBody } };
}

function stepCheck(
  step: Step,
  base: Pace,
  own: number | undefined,
  overTls: boolean,
  wishes: ServerWishes,
): DraftCheck[] {
  const port = step.port ?? own;
  if (port === undefined) return [];
  const { line, talk } = step;
  const tls = step.tls || overTls;
  const wanted = tls ? certificate(wishes, step.serverName) : {};
  if (!talk) return [{ ...base, ...wanted, type: tls ? 'tls' : 'tcp', port, line }];
  const { path, host, expectStatus, expectBody } = talk;
  if (talk.protocol === 'http')
    return [
      { ...base, ...wanted, type: tls ? 'https' : 'http', port, line, path, host, expectStatus, expectBody },
    ];
  const transport = tls ? 'tls' : 'tcp';
  return [
    {
      ...base,
      ...wanted,
      type: 'sip',
      port,
      line,
      transport,
      serverName: wanted.serverName ?? host,
      expectStatus,
    },
  ];
}

/** Whether the certificate is looked at; only where there is a name that it must have. */
function certificate(
  { checkName, verify, caFile }: ServerWishes,
  asked: string | undefined,
): Pick<DraftCheck, 'serverName' | 'verify' | 'caFile'> {
  const serverName = asked ?? checkName;
  if (verify !== true || serverName === undefined) return { serverName };
  return { serverName, verify: true, caFile };
}

function tellMethod({ checking, label }: Proxy, report: Report): void {
  const method = checking.method?.value ?? 'OPTIONS';
  if (method.toUpperCase() === 'GET') return;
  const place = { line: checking.method?.line ?? checking.line, section: label, text: `httpchk ${method}` };
  report.add('changed', place, `The health check asks by GET, not by ${method.slice(0, 20)}.`);
}

type Pace = Pick<DraftCheck, 'intervalMs' | 'timeoutMs' | 'rise' | 'fall'>;

function paceOf({ wishes, line, name }: Server, back: Proxy, report: Report): Pace {
  const { interval, rise, fall } = wishes;
  const place = { line, section: back.label, text: `server ${name}` };
  if (interval === undefined)
    report.add('changed', place, 'No `inter`: HAProxy probes every 2 seconds, Poolgate every 5.');
  const intervalMs = interval === undefined ? undefined : Math.min(HOUR_MS, Math.max(10, interval));
  const given = back.timeouts.get('check')?.value;
  const timeout = given !== undefined && given > 0 ? Math.min(HOUR_MS, Math.max(10, given)) : undefined;
  // A probe that outlasts the interval would delay the next one.
  const timeoutMs = timeout ?? (intervalMs !== undefined && intervalMs < PROBE_MS ? intervalMs : undefined);
  return {
    intervalMs,
    timeoutMs,
    rise: rise === undefined || rise < 1 ? undefined : rise,
    fall: fall === undefined || fall < 1 ? undefined : fall,
  };
}

function tellUnchecked(
  back: Proxy,
  servers: readonly Server[],
  checked: readonly Server[],
  report: Report,
): void {
  if (checked.length === 0) return;
  for (const server of servers.filter((s) => s.wishes.check !== true)) {
    const place = { line: server.line, section: back.label, text: `server ${server.name}` };
    report.add(
      'changed',
      place,
      'HAProxy does not check it; here the checks of a pool are for all of its servers.',
    );
  }
}

function told(
  checks: DraftCheck[],
  [server]: readonly Server[],
  front: Proxy,
  back: Proxy,
  report: Report,
): DraftCheck[] {
  const lead = server?.port ?? { kind: 'same' };
  const ports = front.ports.filter((p) => !checks.some((c) => c.port === serverPortOf(lead, p.first)));
  for (const { type, port, line } of checks)
    report.add(
      'translated',
      { line, section: back.label, text: `check port ${port}` },
      `A health check of type \`${type}\`, port ${port}.`,
    );
  const total = front.ports.length;
  if (total > 1 && ports.length > 0) {
    const names = checks.map((c) => c.port).join(', ');
    const place = { line: checks[0]?.line ?? back.line, section: back.label, text: 'check' };
    const message = `Of ${total} ports ${names} is checked: a server on which one of the others is dead still gets its connections, and they fail.`;
    const other = ports.find((p) => p.first === CONFERENCING) ?? ports[0];
    const port = serverPortOf(lead, other?.first ?? 0);
    const hint = `Add checks for ports whose service may die alone, such as \`{ type: tcp, port: ${port} }\`.`;
    report.add('remark', place, message, { hint });
  }
  return checks;
}

/** `track`: the verdict of the same server elsewhere. */
function trackedChecks(
  front: Proxy,
  back: Proxy,
  servers: readonly Server[],
  proxies: ReadonlyMap<string, Proxy>,
  report: Report,
): DraftCheck[] {
  const tracking = servers.find((server) => server.wishes.track !== undefined);
  const [section = '', name = ''] = tracking?.wishes.track?.split('/') ?? [];
  const [where, who] = name === '' ? [back, section] : [proxies.get(section), name];
  const server = where?.servers.find((s) => s.name === who && s.wishes.check === true);
  if (!tracking) return [];
  const place = { line: tracking.line, section: back.label, text: `track ${tracking.wishes.track}` };
  if (!where || !server) {
    report.add('missing', place, 'It names no server that is checked.');
    return [];
  }
  report.add(
    'translated',
    place,
    'Its verdict is that of a server elsewhere: the same health checks are written here.',
  );
  return checksFor(server, where === back ? front : where, where, report);
}

/** A pool without any check would get one by itself; written, so that it is seen. */
function fallbackCheck(front: Proxy, server: Server | undefined, report: Report): DraftCheck[] {
  const first = front.ports[0];
  if (!first || !server) return [];
  const port = serverPortOf(server.port, first.first);
  const place = { line: server.line, section: front.label, text: `server ${server.name}` };
  report.add(
    'changed',
    place,
    `HAProxy checks no server here, so dead ones get connections. A \`tcp\` check of port ${port} is written.`,
    {
      hint: '`healthChecks: []` is how to have none.',
    },
  );
  return port >= 1 && port <= 65_535 ? [{ type: 'tcp', port, line: 0 }] : [];
}
