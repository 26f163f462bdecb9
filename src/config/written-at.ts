/** Where in the file a value in effect was written. */
import type { ConfigInput } from '../model/config.ts';
import type { Path } from '../model/path.ts';

/** A value of a health check: at the check, else in `defaults`, else at the check's pool. */
export function writtenCheck(
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

/** The idle timeout of a service: there, else in `defaults`. */
export function writtenIdle(input: ConfigInput, service: number): Path {
  const own = ['virtualServices', service, 'timeouts', 'idle'];
  if (input.virtualServices[service]?.timeouts?.idle !== undefined) return own;
  return input.defaults?.timeouts?.idle === undefined ? own : ['defaults', 'timeouts', 'idle'];
}

/** A value in `defaults` is wrong once, not once for each pool and check that inherits it. */
export function oncePerPlace<T extends { readonly path: Path; readonly message: string }>(
  problems: readonly T[],
): T[] {
  const seen = new Set<string>();
  return problems.filter((p) => {
    const key = p.path[0] === 'defaults' ? p.path.join('.') : `${p.path.join('.')} ${p.message}`;
    return !seen.has(key) && seen.add(key) !== undefined;
  });
}
