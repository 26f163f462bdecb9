/** R8, R14, R28: how connections are spread over servers. */
import type { SchedulerName } from '../../scheduler/names.ts';
import type { Lint, Violation } from '../rule.ts';
import { type PoolView, poolsOf } from './views.ts';

const WITHOUT_WEIGHTS: readonly SchedulerName[] = ['rr', 'lc'];

/** R8 */
export const scheduler: Lint = (subject) =>
  poolsOf(subject).flatMap(({ pool, profile, services }) =>
    services.flatMap(({ at, service, input }): Violation[] => {
      const written = input.scheduler === undefined && subject.input.defaults?.scheduler !== undefined;
      const path = written ? ['defaults', 'scheduler'] : ['virtualServices', at, 'scheduler'];
      const weights = new Set(pool.realServers.map(({ weight }) => weight).filter((weight) => weight > 0));
      if (WITHOUT_WEIGHTS.includes(service.scheduler) && weights.size > 1) {
        const message = `\`${service.scheduler}\` takes no account of weights, and the servers of \`${pool.name}\` have different ones.`;
        const weighted = service.scheduler === 'rr' ? 'wrr' : 'wlc';
        return [{ path, message, hint: `Write \`scheduler: ${weighted}\`.`, severity: 'warning' }];
      }
      const best = profile?.scheduler;
      if (!best || best.value === service.scheduler) return [];
      const message = `\`${service.scheduler}\` is not what is recommended for \`${profile.name}\`: \`${best.value}\` counts open connections, which last for days here, and weighs them.`;
      return [{ path, message, source: best.source }];
    }),
  );

/** R14: one server in two pools of one VIP has two verdicts. */
export const oneVerdict: Lint = (subject) => {
  const places = poolsOf(subject).flatMap((view) =>
    [...new Set(view.services.map(({ service }) => service.vip))].flatMap((vip) =>
      view.pool.realServers.map(({ address }, n) => ({ view, n, address, vip, key: `${vip} ${address}` })),
    ),
  );
  const told = new Set<string>();
  const first = new Map<string, PoolView>();
  return places.flatMap(({ view, n, address, vip, key }): Violation[] => {
    const earlier = first.get(key) ?? view;
    first.set(key, earlier);
    const profiled = view.profile?.verdict ?? earlier.profile?.verdict;
    const pair = `${earlier.at} ${view.at}`;
    if (earlier === view || !profiled || told.has(pair)) return [];
    told.add(pair);
    const message = `${address} is also in the pool \`${earlier.pool.name}\` behind ${vip}: down in the one, it still gets connections by the other.`;
    const path = ['pools', view.at, 'realServers', n, 'address'];
    return [{ path, message, source: profiled.source }];
  });
};

/** R28 */
export const severalServers: Lint = (subject) =>
  poolsOf(subject).flatMap(({ at, pool, profile }): Violation[] => {
    if (!profile?.product || pool.realServers.length !== 1) return [];
    const message = `The pool \`${pool.name}\` has one server: there is nothing to balance, and nobody to take over.`;
    return [{ path: ['pools', at, 'realServers'], part: 'key', message }];
  });
