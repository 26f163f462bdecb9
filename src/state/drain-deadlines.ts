/** When each drain must be over: `drain.timeout` after it began, whatever happens to the config in between. */
import type { Clock, Timer } from '../lib/clock.ts';
import type { Standing } from './standing.ts';

export interface DrainDeadlines {
  /** Starts, moves and ends deadlines to fit; a drain that goes on keeps its start, also under another timeout. */
  follow(all: readonly Standing[]): void;
  /** Whether this server drains and its time is over; not so when it was made ready and drained anew meanwhile. */
  isOver(key: string): boolean;
  close(): void;
}

interface Drain {
  readonly since: number;
  timeoutMs: number;
  /** Null once it is over: what is left was reset, and another timeout changes nothing about that. */
  timer: Timer | null;
}

/** @param onExpired called once per drain, with the key of the standing */
export function drainDeadlines(clock: Clock, onExpired: (key: string) => void): DrainDeadlines {
  const drains = new Map<string, Drain>();

  function arm(key: string, since: number, timeoutMs: number): Timer {
    return clock.after(since + timeoutMs - clock.monotonic(), () => {
      const drain = drains.get(key);
      if (drain) drain.timer = null;
      onExpired(key);
    });
  }

  function followOne(key: string, timeoutMs: number): void {
    const drain = drains.get(key);
    if (!drain) {
      const since = clock.monotonic();
      drains.set(key, { since, timeoutMs, timer: arm(key, since, timeoutMs) });
    } else if (drain.timer && drain.timeoutMs !== timeoutMs) {
      drain.timer.cancel();
      drain.timeoutMs = timeoutMs;
      drain.timer = arm(key, drain.since, timeoutMs);
    }
  }

  return {
    follow: (all) => {
      const draining = new Map(all.filter((s) => s.draining).map((s) => [s.key, s.pool.drain.timeoutMs]));
      for (const [key, drain] of drains) {
        if (draining.has(key)) continue;
        drain.timer?.cancel();
        drains.delete(key);
      }
      for (const [key, timeoutMs] of draining) followOne(key, timeoutMs);
    },
    isOver: (key) => drains.get(key)?.timer === null,
    close: () => {
      for (const drain of drains.values()) drain.timer?.cancel();
      drains.clear();
    },
  };
}
