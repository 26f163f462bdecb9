/** What profiles ask for, each with its rule, against what is in effect. */
import { oncePerPlace, writtenCheck, writtenIdle } from '../../config/written-at.ts';
import { formatDuration, parseDuration } from '../../model/duration.ts';
import type { RuleId } from '../../profiles/profile.ts';
import type { Lint, Subject, Violation } from '../rule.ts';
import { entriesOf, listText, meets, type PoolView, poolsOf, spanText } from './views.ts';

interface Told extends Violation {
  readonly rule: RuleId;
}

const FACTS: readonly ((view: PoolView, subject: Subject) => readonly Told[])[] = [
  idle,
  intervals,
  uncheckedPorts,
  refusedNat,
  neverBalanced,
];

/** What profiles tell by this rule. */
export function told(rule: RuleId): Lint {
  return (subject) => {
    const found = poolsOf(subject).flatMap((view) => FACTS.flatMap((fact) => fact(view, subject)));
    return oncePerPlace(found.filter((violation) => violation.rule === rule));
  };
}

function idle({ pool, profile, services }: PoolView, { input }: Subject): Told[] {
  const limit = profile?.limits?.idleAtLeast;
  if (!limit) return [];
  const least = parseDuration(limit.value) ?? 0;
  return services
    .filter(({ service }) => service.idleTimeoutMs < least)
    .filter(({ service }) => service.ports.some(({ protocol }) => protocol === 'tcp'))
    .map(({ at, service }) => {
      const message = `Connections that are idle for ${formatDuration(service.idleTimeoutMs)} are reset; clients of \`${pool.profile}\` may be silent for ${limit.value}.`;
      const hint = `Write \`idle: ${limit.value}\` or more.`;
      return { rule: limit.rule, path: writtenIdle(input, at), message, hint, source: limit.source };
    });
}

function intervals({ at, pool, profile }: PoolView, { input }: Subject): Told[] {
  const limit = profile?.limits?.intervalAtLeast;
  if (!limit) return [];
  return pool.healthChecks.flatMap((check, n) => {
    if (check.intervalMs >= (parseDuration(limit.value) ?? 0)) return [];
    const message = `Port ${check.port} is probed every ${formatDuration(check.intervalMs)}; the servers of \`${pool.profile}\` want ${limit.value} or more.`;
    const path = writtenCheck(input, at, n, ['interval']);
    const hint = `Write \`interval: ${limit.value}\`.`;
    return [{ rule: limit.rule, path, message, hint, source: limit.source }];
  });
}

function uncheckedPorts({ at, pool, profile }: PoolView): Told[] {
  const checked = pool.healthChecks.map((c) => c.port);
  return (profile?.limits?.checkOneOf ?? [])
    .filter(({ value }) => !value.some((port) => checked.includes(port)))
    .map(({ rule, value, source }) => {
      const message = `No health check of port ${value.join(' or ')}: a server on which it fails would still get connections.`;
      const hint = `Add \`{ type: tcp, port: ${value.at(-1)} }\`, or remove \`healthChecks\` to get those of the profile.`;
      return { rule, path: ['pools', at, 'healthChecks'], part: 'key', message, hint, source };
    });
}

const MODES = { full: 'Full-NAT', half: 'Half-NAT', none: 'Direct server return' } as const;

const HALF =
  "Write `nat: half`, with `topology: { mode: two-armed, … }` and the balancer as the servers' default gateway: servers see their clients.";

function refusedNat({ profile, services }: PoolView): Told[] {
  return services.flatMap(({ at, service: { nat } }) => {
    const refusal = profile?.refusedNat?.[nat];
    if (!profile || !refusal) return [];
    const message = `${MODES[nat]} is refused for \`${profile.name}\`: ${refusal.why}.`;
    const path = ['virtualServices', at, 'nat'];
    const hint = profile.refusedNat?.full
      ? HALF
      : 'Write `nat: full`: servers see the balancer as the source.';
    return [{ rule: refusal.rule, path, message, hint, source: refusal.source }];
  });
}

function neverBalanced({ profile, services }: PoolView): Told[] {
  return services.flatMap((view) =>
    entriesOf(view).flatMap(({ range, path }) => {
      const met = (profile?.neverBalanced ?? []).filter(
        (span) => meets(range, span) && !profile?.ports.some((port) => meets(range, port)),
      );
      const [first] = met;
      if (!first) return [];
      const what = listText(met.map((span) => `${spanText(span)} (${span.value})`));
      const message = `${what} goes to one certain server and is never balanced.`;
      const hint = 'Take it off the VIP: it is reached on the servers themselves.';
      return [{ rule: first.rule, path, message, hint, source: first.source }];
    }),
  );
}
