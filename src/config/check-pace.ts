/** The pace of health checks in effect. */
import type { ConfigInput } from '../model/config.ts';
import { formatDuration } from '../model/duration.ts';
import type { EffectiveConfig } from '../model/effective.ts';
import { type PathProblem, problem } from './issues.ts';
import { oncePerPlace, writtenCheck } from './written-at.ts';

/** A probe that outlasts the interval is not wrong: there are never two at once. But the interval is then not kept. */
export function checkPace(effective: EffectiveConfig, input: ConfigInput): PathProblem[] {
  return oncePerPlace(
    effective.pools.flatMap((pool, i) =>
      pool.healthChecks
        .map((check, n) => ({ check, path: writtenCheck(input, i, n, ['timeout', 'interval']) }))
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
