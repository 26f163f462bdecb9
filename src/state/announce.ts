/** From news to events: one sentence per kind of news, and what became of whole pools. Pure. */
import type { EffectivePool } from '../model/effective.ts';
import type { News } from './chronicle.ts';
import type { EventDraft } from './events.ts';
import * as say from './messages.ts';
import type { Standing } from './standing.ts';
import { usableOf } from './standing.ts';

export interface Circumstances {
  readonly all: readonly Standing[];
  readonly actor: string;
  /** Connections that this piece of news ended or left open. */
  readonly connections: number;
  /** Why the server is down. */
  readonly cause: string;
}

type Announcers = {
  readonly [K in News['kind']]: (news: Extract<News, { kind: K }>, about: Circumstances) => EventDraft;
};

const ANNOUNCERS = {
  added: ({ standing }, { actor }) => say.serverAdded(standing, actor),
  removed: ({ standing }, { actor, connections }) => say.serverRemoved(standing, connections, actor),
  admin: ({ standing }, { actor, connections }) => say.serverAdmin(standing, connections, actor),
  weight: ({ standing, was }, { actor }) => say.serverWeight(standing, was, actor),
  up: ({ standing }, { all }) => say.serverUp(standing, usableOf(all, standing.pool.name)),
  down: ({ standing }, { all, cause, connections }) =>
    say.serverDown(standing, cause, usableOf(all, standing.pool.name), connections),
} satisfies Announcers;

export function announce(news: News, about: Circumstances): EventDraft {
  // The table is exact per kind; a lookup by a union of kinds loses that, so it is restated here.
  return (ANNOUNCERS[news.kind] as (news: News, about: Circumstances) => EventDraft)(news, about);
}

/** Pools by name that had a usable server when last looked at; absent until the first verdicts are in. */
export type PoolsUsable = ReadonlyMap<string, boolean>;

export function announcePools(
  before: PoolsUsable,
  pools: readonly EffectivePool[],
  all: readonly Standing[],
  actor: string,
): { usable: PoolsUsable; drafts: EventDraft[] } {
  const usable = new Map<string, boolean>();
  const drafts: EventDraft[] = [];
  for (const pool of pools) {
    const was = before.get(pool.name);
    const count = usableOf(all, pool.name);
    if (count.usable === 0 && was === undefined && isUndecided(all, pool)) continue;
    usable.set(pool.name, count.usable > 0);
    if (was !== false && count.usable === 0) drafts.push(say.poolEmpty(pool, actor));
    if (was === false && count.usable > 0) drafts.push(say.poolUsable(pool, count, actor));
  }
  return { usable, drafts };
}

function isUndecided(all: readonly Standing[], pool: EffectivePool): boolean {
  return all.some((s) => s.pool.name === pool.name && awaitsVerdict(s));
}

/** Checked, and no first result yet. */
export function awaitsVerdict(standing: Standing): boolean {
  return standing.verdict.checked && standing.health === 'unknown';
}
