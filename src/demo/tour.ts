/** Plays the acts in order, as far as there is time and everything comes true; afterwards goes on until told to end. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Act } from './acts/act.ts';
import { ACTS } from './acts/acts.ts';
import type { Show } from './show.ts';
import type { Claim, Stage } from './stage.ts';

export interface Toured {
  readonly claims: Claim[];
  readonly notShown: string[];
}

/** Between one person who goes and the next who comes, when the tour is over. */
const CHURN_MS = 1500;

/** Leaves when the stage's signal aborts; what was claimed until then counts. */
export async function playTour(stage: Stage, show: Show): Promise<Toured> {
  const claims: Claim[] = [];
  const without = (at: number): Toured => ({ claims, notShown: ACTS.slice(at).map((act) => act.title) });
  for (const [at, act] of ACTS.entries()) {
    show.chapter(at + 1, ACTS.length, act.title);
    const end = await unlessLeft(playAct(act, stage, show, claims), stage.signal);
    if (end === null) return without(at);
    if (end === 'refuted') return without(at + 1);
  }
  return without(ACTS.length);
}

/** Ends at the first claim that is refuted: what follows builds upon it. */
async function playAct(act: Act, stage: Stage, show: Show, claims: Claim[]): Promise<'played' | 'refuted'> {
  for await (const claim of act.play(stage)) {
    if (stage.signal.aborted) break;
    show.claim(claim);
    claims.push(claim);
    if (!claim.ok) return 'refuted';
  }
  return 'played';
}

/** What is under way when the signal aborts is left to itself: a client may be waiting for a server that never comes. */
async function unlessLeft<T>(played: Promise<T>, signal: AbortSignal): Promise<T | null> {
  const left = Promise.withResolvers<null>();
  const leave = (): void => left.resolve(null);
  signal.addEventListener('abort', leave, { once: true });
  if (signal.aborted) leave();
  try {
    return await Promise.race([played, left.promise]);
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

/** People come and go, until the signal. */
export async function goOn(stage: Stage, people: number): Promise<void> {
  await unlessLeft(comeAndGo(stage, people), stage.signal);
}

async function comeAndGo({ clients, pace, signal }: Stage, people: number): Promise<void> {
  while (!signal.aborted) {
    const phones = clients.phones;
    const leaving = phones[Math.floor(Math.random() * phones.length)];
    if (leaving && clients.people >= people) await clients.signOut(leaving);
    if (clients.people < people) await clients.signIn();
    await sleep(clients.people < people ? pace.signInGapMs : CHURN_MS, undefined, { signal }).catch(() => {});
  }
}
