/** Warnings that need the values in effect: the pace of checks, and what a profile's product asks for. */
import type { ConfigInput } from '../model/config.ts';
import { formatDuration, parseDuration } from '../model/duration.ts';
import type { EffectiveConfig, EffectivePool } from '../model/effective.ts';
import type { Path } from '../model/path.ts';
import type { ProfileLimits } from '../profiles/profile.ts';
import { findProfile } from '../profiles/profiles.ts';
import type { FindingCodeName } from './finding-codes.ts';
import { type PathProblem, problem } from './issues.ts';

/** A probe that outlasts the interval is not wrong: there are never two at once. But the interval is then not kept. */
export function checkPace(effective: EffectiveConfig, input: ConfigInput): PathProblem[] {
  return oncePerPlace(
    effective.pools.flatMap((pool, i) =>
      pool.healthChecks
        .map((check, n) => ({ check, path: writtenAt(input, i, n, ['timeout', 'interval']) }))
        .filter(({ check }) => check.timeoutMs > check.intervalMs)
        .map(({ check, path }) => {
          const [timeout, interval] = [formatDuration(check.timeoutMs), formatDuration(check.intervalMs)];
          const message = `A probe of port ${check.port} may take ${timeout}, longer than the interval of ${interval}.`;
          return problem(
            'CONFIG_SLOW_PROBE',
            path,
            'value',
            message,
            `Write a \`timeout\` of at most ${interval}.`,
          );
        }),
    ),
  );
}

export function checkLimits(effective: EffectiveConfig, input: ConfigInput): PathProblem[] {
  const pools = effective.pools.flatMap((pool, i) => {
    const limits = limitsOf(pool);
    return limits ? [...intervals(pool, i, limits, input), ...uncheckedPorts(pool, i, limits)] : [];
  });
  return [...pools, ...idleTimeouts(effective)];
}

function limitsOf(pool: EffectivePool | undefined): ProfileLimits | null {
  return (pool?.profile && findProfile(pool.profile)?.limits) || null;
}

function intervals(pool: EffectivePool, i: number, limits: ProfileLimits, input: ConfigInput): PathProblem[] {
  if (!limits.intervalAtLeast) return [];
  const { rule, value: least, source } = limits.intervalAtLeast;
  const tooOften = pool.healthChecks.flatMap((check, n) => {
    if (check.intervalMs >= (parseDuration(least) ?? 0)) return [];
    const message = `Port ${check.port} is probed every ${formatDuration(check.intervalMs)}; the servers of \`${pool.profile}\` want ${least} or more.`;
    const path = writtenAt(input, i, n, ['interval']);
    return [warn(rule, path, message, `Write \`interval: ${least}\`.`, source)];
  });
  return oncePerPlace(tooOften);
}

function uncheckedPorts(pool: EffectivePool, i: number, limits: ProfileLimits): PathProblem[] {
  // An empty list has its own warning.
  if (pool.healthChecks.length === 0) return [];
  const checked = pool.healthChecks.map((c) => c.port);
  return limits.checkOneOf
    .filter(({ value }) => !value.some((port) => checked.includes(port)))
    .map(({ rule, value, source }) => {
      const message = `No health check of port ${value.join(' or ')}: a server on which it fails would still get connections.`;
      const hint = `Add \`{ type: tcp, port: ${value.at(-1)} }\`, or remove \`healthChecks\` to get those of the profile.`;
      return warn(rule, ['pools', i, 'healthChecks'], message, hint, source, 'key');
    });
}

function idleTimeouts(effective: EffectiveConfig): PathProblem[] {
  return effective.services.flatMap((service, i) => {
    const pool = effective.pools.find((p) => p.name === service.pool);
    const limit = limitsOf(pool)?.idleAtLeast;
    if (!limit || service.idleTimeoutMs >= (parseDuration(limit.value) ?? 0)) return [];
    const { rule, value: least, source } = limit;
    const message = `Connections that are idle for ${formatDuration(service.idleTimeoutMs)} are reset; clients of \`${pool?.profile}\` may be silent for ${least}.`;
    const path = ['virtualServices', i, 'timeouts', 'idle'];
    return [warn(rule, path, message, `Write \`idle: ${least}\` or more.`, source)];
  });
}

function warn(
  rule: FindingCodeName,
  path: Path,
  message: string,
  hint: string,
  source: string,
  part: 'key' | 'value' = 'value',
): PathProblem {
  return { ...problem(rule, path, part, message, hint), source };
}

/** Where the value was written: at the check, else in `defaults`, else at the check's pool. */
function writtenAt(
  input: ConfigInput,
  pool: number,
  check: number,
  keys: readonly ('timeout' | 'interval')[],
): Path {
  const own = input.pools[pool]?.healthChecks?.[check];
  const key = keys.find((k) => own?.[k] !== undefined);
  if (key) return ['pools', pool, 'healthChecks', check, key];
  const common = keys.find((k) => input.defaults?.healthCheck?.[k] !== undefined);
  return common ? ['defaults', 'healthCheck', common] : ['pools', pool];
}

/** A value in `defaults` is wrong once, not once for each pool and check that inherits it. */
function oncePerPlace(problems: readonly PathProblem[]): PathProblem[] {
  const seen = new Set<string>();
  return problems.filter((p) => {
    const key = p.path[0] === 'defaults' ? p.path.join('.') : `${p.path.join('.')} ${p.message}`;
    return !seen.has(key) && seen.add(key) !== undefined;
  });
}
