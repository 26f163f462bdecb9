/** What happened lately: a bounded list, and everybody who wants to hear of it. */
import type { Clock } from '../lib/clock.ts';
import { isoTime } from '../lib/clock.ts';
import type { PoolgateEvent } from './contract.ts';

export type EventDraft = Omit<PoolgateEvent, 'seq' | 'at'>;

export interface EventLog {
  emit(draft: EventDraft): void;
  /** The last ones, oldest first. @param limit default all that are kept */
  recent(limit?: number): PoolgateEvent[];
  subscribe(listener: (event: PoolgateEvent) => void, signal: AbortSignal): void;
}

const KEPT = 1000;

/** @param kept how many events are remembered */
export function createEventLog(clock: Clock, kept = KEPT): EventLog {
  const events: PoolgateEvent[] = [];
  const listeners = new Set<(event: PoolgateEvent) => void>();
  let seq = 0;

  function emit(draft: EventDraft): void {
    const event = { seq: ++seq, at: isoTime(clock.now()), ...draft };
    events.push(event);
    if (events.length > kept) events.shift();
    for (const listener of listeners) tell(listener, event);
  }

  return {
    emit,
    recent: (limit = kept) => (limit > 0 ? events.slice(-limit) : []),
    subscribe: (listener, signal) => {
      if (signal.aborted) return;
      listeners.add(listener);
      signal.addEventListener('abort', () => listeners.delete(listener), { once: true });
    },
  };
}

/** A listener that fails must not stop the change that is being told of. */
function tell(listener: (event: PoolgateEvent) => void, event: PoolgateEvent): void {
  try {
    listener(event);
  } catch (error) {
    process.emitWarning(error instanceof Error ? error : String(error));
  }
}
