/** What UDP alone cannot have: the check that a pool gets by itself is a TCP connect. */
import { checksOf } from '../profiles/profile.ts';
import { findProfile } from '../profiles/profiles.ts';
import { type PathProblem, problem } from './issues.ts';
import { portSpans } from './port-spans.ts';
import type { SalvagedConfig } from './salvage.ts';

/** A pool whose services have UDP ports only, and that names no check, would be taken for healthy without a question. */
export function checkUdp(config: SalvagedConfig): PathProblem[] {
  const spans = portSpans(config);
  return (config.pools ?? []).flatMap((pool, i) => {
    if (pool?.name === undefined || pool.healthChecks) return [];
    const profile = pool.profile === undefined ? null : findProfile(pool.profile);
    if (profile && checksOf(profile, pool.options ?? {})) return [];
    const own = spans.filter((s) => s.pool === pool.name);
    if (own.length === 0 || own.some((s) => s.range.protocol === 'tcp')) return [];
    const message = `The pool \`${pool.name}\` has UDP ports only, and a UDP port gets no health check by itself: its servers count as up without being asked.`;
    const port = own[0]?.range.serverFirst;
    const hint = `Write \`healthChecks: [{ type: stun, port: ${port} }]\` if they speak STUN, else a check of a TCP port that they answer on.`;
    return [problem('CONFIG_NO_HEALTH_CHECKS', ['pools', i, 'name'], 'value', message, hint)];
  });
}
