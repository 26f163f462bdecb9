import type { Clock, Timer } from './clock.ts';

export interface Periodic {
  /** Nothing starts after this; what runs goes on to its end. Safe to call twice. */
  close(): void;
}

/** Runs the task again and again, `everyMs` after it last ended; the first time in `everyMs`. It must not fail. */
export function periodically(clock: Clock, everyMs: number, task: () => Promise<void>): Periodic {
  let closed = false;
  let timer: Timer = clock.after(everyMs, once);
  function once(): void {
    void task().then(() => {
      if (!closed) timer = clock.after(everyMs, once);
    });
  }
  return {
    close: () => {
      closed = true;
      timer.cancel();
    },
  };
}
