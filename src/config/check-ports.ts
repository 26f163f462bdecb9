/** VIP ports: there are some, each is wanted once, and mappings stay within 65535. */
import { parseListen } from '../model/listen.ts';
import { formatRange } from '../model/ports.ts';
import { findProfile } from '../profiles/profiles.ts';
import { type PathProblem, problem } from './issues.ts';
import { portSpans, type Span } from './port-spans.ts';
import type { SalvagedConfig } from './salvage.ts';

/** Each is a listener; far more than a machine takes, and few enough to be counted one by one. */
const MAX_PORTS = 100_000;

export function checkPorts(config: SalvagedConfig): PathProblem[] {
  const spans = portSpans(config);
  return [
    ...withoutPorts(config),
    ...overflows(spans),
    ...overlaps(spans),
    ...adminPort(config, spans),
    ...tooMany(spans),
  ];
}

function withoutPorts({ pools, virtualServices = [] }: SalvagedConfig): PathProblem[] {
  return virtualServices.flatMap((service, i) => {
    if (!service || service.ports || service.pool === undefined) return [];
    const pool = pools?.find((p) => p?.name === service.pool);
    const profile = pool?.profile === undefined ? null : findProfile(pool.profile);
    // What is missing or misspelt there is reported there.
    if (!pool || (pool.profile !== undefined && !profile) || (profile && profile.ports.length > 0)) return [];
    const why = profile
      ? `the profile \`${profile.name}\` names none`
      : `its pool \`${service.pool}\` has no profile`;
    const message = `The virtual service \`${service.name ?? i}\` has no \`ports\`, and ${why}.`;
    const hint = 'Write `ports: [5061]`, or give the pool a `profile` that names ports.';
    return [problem('CONFIG_NO_PORTS', ['virtualServices', i], 'value', message, hint)];
  });
}

function overflows(spans: readonly Span[]): PathProblem[] {
  return spans.flatMap(({ range, path }) => {
    const last = range.serverFirst + range.last - range.first;
    if (last <= 65_535) return [];
    const highest = 65_535 - (range.last - range.first);
    const message = `Port ${range.last} would be mapped to ${last}, and 65535 is the highest there is.`;
    const hint = `Write a \`serverPort\` of at most ${highest}, or a shorter range.`;
    return [problem('CONFIG_PORT_OVERFLOW', [...path, 'serverPort'], 'value', message, hint)];
  });
}

/** Sorted by first port, a span meets an earlier one exactly when it meets the one of these that reaches furthest. */
function overlaps(spans: readonly Span[]): PathProblem[] {
  const furthest = new Map<string, Span>();
  const problems: PathProblem[] = [];
  for (const span of spans.toSorted((a, b) => a.range.first - b.range.first || a.service - b.service)) {
    const key = `${span.range.protocol} ${span.vip}`;
    const before = furthest.get(key);
    if (before && before.range.last >= span.range.first) problems.push(clash(before, span));
    if (!before || span.range.last > before.range.last) furthest.set(key, span);
  }
  // A range that swallows the same port twice would say so twice, in the same words at the same place.
  return [...new Map(problems.map((p) => [`${p.path.join('.')} ${p.message}`, p])).values()];
}

function clash(a: Span, b: Span): PathProblem {
  // The later one in the file is the one to correct.
  const [first, second] = isAfter(a, b) ? [b, a] : [a, b];
  const from = Math.max(a.range.first, b.range.first);
  const to = Math.min(a.range.last, b.range.last);
  const ports = formatRange({ protocol: a.range.protocol, first: from, last: to, serverFirst: from });
  const whose =
    first.service === second.service
      ? `twice in the virtual service \`${first.serviceName}\``
      : `in the virtual services \`${first.serviceName}\` and \`${second.serviceName}\``;
  const message = `Port ${ports} of ${first.vip} is ${whose}.`;
  return problem('CONFIG_DUPLICATE_PORT', second.path, 'value', message, 'Keep it in one place.');
}

function isAfter(a: Span, b: Span): boolean {
  if (a.service !== b.service) return a.service > b.service;
  return Number(a.path[3] ?? 0) > Number(b.path[3] ?? 0);
}

function adminPort(config: SalvagedConfig, spans: readonly Span[]): PathProblem[] {
  const listen = parseListen(config.admin?.listen ?? '127.0.0.1:9080');
  if (!listen) return [];
  return spans
    .filter((s) => s.range.protocol === 'tcp' && s.vip === listen.host)
    .filter((s) => s.range.first <= listen.port && listen.port <= s.range.last)
    .map((s) => {
      const message = `Port ${listen.port} of ${s.vip} belongs to the admin API.`;
      return problem('CONFIG_ADMIN_PORT', s.path, 'value', message, 'Give `admin.listen` another port.');
    });
}

function tooMany(spans: readonly Span[]): PathProblem[] {
  let count = 0;
  for (const span of spans) {
    count += span.range.last - span.range.first + 1;
    if (count <= MAX_PORTS) continue;
    const message = `The virtual services have more than ${MAX_PORTS} ports in all.`;
    return [problem('CONFIG_TOO_MANY_PORTS', span.path, 'value', message, 'Use shorter ranges.')];
  }
  return [];
}
