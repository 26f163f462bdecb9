/** Chooses each value by precedence and notes where it came from. */
import { parseDuration } from '../model/duration.ts';
import type { Provenance } from './loaded.ts';

/** A value that may be absent, and who says it. */
export type Candidate<T> = readonly [value: T | undefined, from: string];

export interface Trace {
  readonly provenance: readonly Provenance[];
  /** The first candidate that says something; the last one always does. */
  pick<T>(path: string, ...candidates: readonly Candidate<T>[]): T;
  /** As pick, of durations; in milliseconds. */
  pickMs(path: string, ...candidates: readonly Candidate<string>[]): number;
  /** Notes a value that has no alternative. */
  note(path: string, value: unknown, from: string): void;
}

export function createTrace(): Trace {
  const provenance: Provenance[] = [];
  const note = (path: string, value: unknown, from: string): void => {
    provenance.push({ path, value, from });
  };
  function pick<T>(path: string, ...candidates: readonly Candidate<T>[]): T {
    const chosen = candidates.find(([value]) => value !== undefined);
    if (chosen === undefined) throw new Error(`Nothing says what ${path} is`);
    note(path, chosen[0], chosen[1]);
    return chosen[0] as T;
  }
  return {
    provenance,
    note,
    pick,
    pickMs: (path, ...candidates) => {
      const ms = parseDuration(pick(path, ...candidates));
      if (ms === null) throw new Error(`${path} is not a duration`);
      return ms;
    },
  };
}
