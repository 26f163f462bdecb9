/** R26, R50: the two sides of Edge Servers. */
import type { Lint, Violation } from '../rule.ts';
import { type PoolView, poolsOf } from './views.ts';

/** R26: a VIP of the Edge that also leads elsewhere. */
export const edgeAlone: Lint = (subject) => {
  const pools = poolsOf(subject);
  const edges = pools.filter(({ profile }) => profile?.edge);
  return pools.flatMap((view) =>
    view.services.flatMap(({ at, service }): Violation[] => {
      const edge = edges.find(
        (other) =>
          other.profile?.edge !== view.profile?.edge &&
          other.services.some((s) => s.service.vip === service.vip),
      );
      // Of two sides of the Edge on one VIP the later one is told.
      if (!edge || (view.profile?.edge && edge.at > view.at)) return [];
      const message = `The VIP ${service.vip} leads to the Edge Servers of \`${edge.pool.name}\`, and here also to the pool \`${view.pool.name}\`.`;
      return [{ path: ['virtualServices', at, 'vip'], message }];
    }),
  );
};

/** R50: one side balanced with other servers than the other. */
export const bothSides: Lint = (subject) => {
  const pools = poolsOf(subject).filter(({ profile, services }) => profile?.edge && services.length > 0);
  const insides = pools.filter(({ profile }) => profile?.edge === 'internal');
  return pools.flatMap((outside): Violation[] => {
    if (outside.profile?.edge !== 'external') return [];
    const inside = insides.find(({ profile }) => profile?.product === outside.profile?.product);
    if (!inside) return [];
    const [own, theirs] = namesOf(outside, inside);
    const missing = theirs.filter((name) => !own.includes(name));
    const extra = own.filter((name) => !theirs.includes(name));
    if (missing.length + extra.length === 0) return [];
    const what = [
      ...where(missing, `only inside (\`${inside.pool.name}\`)`),
      ...where(extra, 'only outside'),
    ].join(', ');
    const message = `The Edge Servers of \`${outside.pool.name}\` are not balanced in the same way on both sides: ${what}.`;
    return [{ path: ['pools', outside.at, 'realServers'], part: 'key', message }];
  });
};

function where(names: readonly string[], text: string): string[] {
  return names.length === 0 ? [] : [`${names.join(', ')} ${text}`];
}

/** By FQDN where all of both have one, else by name. */
function namesOf(a: PoolView, b: PoolView): readonly [string[], string[]] {
  const all = [...a.pool.realServers, ...b.pool.realServers];
  const named = all.every(({ fqdn }) => fqdn !== null);
  const names = ({ pool }: PoolView): string[] =>
    pool.realServers.map(({ name, fqdn }) => (named ? (fqdn ?? name) : name).toLowerCase());
  return [names(a), names(b)];
}
