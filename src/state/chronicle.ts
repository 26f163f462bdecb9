/** What was last told of each server, and from the difference to now what is news. Pure. */
import type { AdminState } from '../model/effective.ts';
import type { Health } from './contract.ts';
import type { Standing } from './standing.ts';

export interface Entry {
  readonly standing: Standing;
  /** Wall clock, ms: the last change between usable and not. */
  readonly since: number;
  readonly downs: number;
}

/** By the standing's key. */
export type Chronicle = ReadonlyMap<string, Entry>;

export type News =
  | { readonly kind: 'added'; readonly standing: Standing }
  | { readonly kind: 'removed'; readonly standing: Standing }
  | { readonly kind: 'admin'; readonly standing: Standing; readonly was: AdminState }
  | { readonly kind: 'weight'; readonly standing: Standing; readonly was: number }
  | { readonly kind: 'up'; readonly standing: Standing }
  | { readonly kind: 'down'; readonly standing: Standing };

export function advance(
  before: Chronicle,
  all: readonly Standing[],
  now: number,
): { chronicle: Chronicle; news: News[] } {
  const chronicle = new Map(all.map((s) => [s.key, entryAfter(before.get(s.key), s, now)]));
  const removed = [...before].flatMap(([key, entry]): News[] =>
    chronicle.has(key) ? [] : [{ kind: 'removed', standing: entry.standing }],
  );
  return { chronicle, news: [...removed, ...all.flatMap((s) => newsOf(before.get(s.key)?.standing, s))] };
}

function entryAfter(before: Entry | undefined, standing: Standing, now: number): Entry {
  if (!before) return { standing, since: now, downs: standing.health === 'down' ? 1 : 0 };
  const turned = before.standing.verdict.selectable !== standing.verdict.selectable;
  const fell = wentTo(before.standing, standing, 'down');
  return { standing, since: turned ? now : before.since, downs: before.downs + (fell ? 1 : 0) };
}

function newsOf(before: Standing | undefined, standing: Standing): News[] {
  if (!before) return [{ kind: 'added', standing }];
  const news: News[] = [];
  if (before.admin !== standing.admin) news.push({ kind: 'admin', standing, was: before.admin });
  if (before.weight !== standing.weight) news.push({ kind: 'weight', standing, was: before.weight });
  if (wentTo(before, standing, 'up')) news.push({ kind: 'up', standing });
  if (wentTo(before, standing, 'down')) news.push({ kind: 'down', standing });
  return news;
}

function wentTo(before: Standing, now: Standing, health: Health): boolean {
  return before.health !== health && now.health === health;
}
