/** What an act of the demo may use and say. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { PoolgateEvent, ServerView } from '../state/contract.ts';
import type { DemoBalancer } from './balancer.ts';
import type { Clients } from './clients.ts';
import type { Faults } from './faults.ts';
import type { Ledger } from './ledger.ts';
import type { ServerName } from './site.ts';
import { until } from './until.ts';

/** How fast the demo goes: for eyes, or for a log. */
export interface Pace {
  /** From the end of one call to the next. */
  readonly callGapMs: number;
  /** Between two people who sign in. */
  readonly signInGapMs: number;
  /** Of the time that a person needs to read and look: 1, or 0 where nobody looks on. */
  readonly reading: 0 | 1;
}

export const FOR_EYES: Pace = { callGapMs: 380, signInGapMs: 450, reading: 1 };
export const FOR_A_LOG: Pace = { callGapMs: 60, signInGapMs: 30, reading: 0 };

/** Something that the demo says of the balancer, and whether it was seen. */
export interface Claim {
  readonly title: string;
  readonly ok: boolean;
  readonly text: string;
}

export interface Stage {
  readonly pace: Pace;
  readonly balancer: DemoBalancer;
  readonly clients: Clients;
  readonly ledger: Ledger;
  readonly faults: Faults;
  readonly events: readonly PoolgateEvent[];
  /** As of a fraction of a second ago. */
  readonly servers: readonly ServerView[];
  readonly controlPort: number;
  /** Aborts when the tour is left. */
  readonly signal: AbortSignal;
  /** Tells what is going on, and what to look at where there is a picture. */
  say(text: string, look?: string): void;
}

/** @throws the signal's reason */
export async function giveTimeToRead(stage: Stage, seconds: number): Promise<void> {
  await sleep(seconds * 1000 * stage.pace.reading, undefined, { signal: stage.signal });
}

/** Resolves when so many calls and sign-ins were answered since the mark; null when they were not in time. */
export function answersSince(stage: Stage, mark: number, count: number): Promise<true | null> {
  const patience = 5000 + count * (stage.pace.callGapMs + 500);
  return until(() => stage.ledger.mark() - mark >= count, patience, stage.signal);
}

/** The next event of this kind about this server; null when it does not come in time. */
export function nextEvent(
  stage: Stage,
  kind: PoolgateEvent['kind'],
  server: ServerName,
  afterSeq: number,
): Promise<PoolgateEvent | null> {
  const wanted = (e: PoolgateEvent) => e.seq > afterSeq && e.kind === kind && e.realServer === server;
  return until(() => stage.events.find(wanted), 15_000, stage.signal);
}

export function latestSeq(stage: Stage): number {
  return stage.events.at(-1)?.seq ?? 0;
}

/** One after another; each goes where the balancer sends it. */
export async function signIn(stage: Stage, people: number): Promise<void> {
  for (let i = 0; i < people; i++) {
    stage.signal.throwIfAborted();
    await stage.clients.signIn();
    await sleep(stage.pace.signInGapMs, undefined, { signal: stage.signal });
  }
}

/** They sign out and in again, one after another. */
export async function move(stage: Stage, phones: Clients['phones']): Promise<void> {
  for (const phone of phones) {
    await stage.clients.signOut(phone);
    await signIn(stage, 1);
  }
}
