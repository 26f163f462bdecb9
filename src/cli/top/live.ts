/** `top` on a terminal: asks each second, draws, and gives the terminal back as it was however it ends. */
import { PoolgateError } from '../../lib/errors.ts';
import type { Terminal } from '../io.ts';
import { Screen } from '../terminal/screen.ts';
import { toText } from '../terminal/spans.ts';
import { duration } from '../text.ts';
import { follow, NO_TRACE, type Sample } from './trace.ts';
import { render } from './view.ts';

export interface LiveOptions {
  readonly terminal: Terminal;
  readonly colour: boolean;
  /** Wall clock, ms. */
  readonly now: () => number;
  /** Ctrl-C where keys cannot be read. */
  readonly ended: AbortSignal;
  readonly ask: () => Promise<Sample>;
  readonly first: Sample;
  /** Between questions, ms. */
  readonly everyMs?: number;
}

const CTRL_C = '\u0003';
/** An answer that is older than this is told of. */
const STALE_MS = 3000;
/** They end a process without its `exit` event, and so would leave the terminal as it is. */
const SIGNALS = ['SIGTERM', 'SIGHUP'] as const;

/** Resolves when the user has enough. @throws PoolgateError when the daemon refuses, RefusedError */
export async function live({
  terminal,
  colour,
  now,
  ended,
  ask,
  first,
  everyMs = 1000,
}: LiveOptions): Promise<void> {
  const over = Promise.withResolvers<void>();
  const quit = (): void => over.resolve();
  let trace = follow(NO_TRACE, first);
  let trouble = '';
  let answeredAt = performance.now();
  let asking = false;
  const screen = new Screen({
    ...terminal,
    onKey: (key) => {
      if (key === 'q' || key === 'Q' || key === CTRL_C) quit();
    },
    onResize: () => draw(),
  });

  function draw(): void {
    const age = performance.now() - answeredAt;
    const silent =
      age > STALE_MS ? `No answer for ${duration(Math.floor(age / 1000) * 1000)}. ${trouble}` : '';
    const scene = { trace, sample: trace.last ?? first, now: now(), trouble: silent };
    screen.draw(render(scene, screen.size).map((line) => toText(line, colour)));
  }

  async function next(): Promise<void> {
    if (asking) return;
    asking = true;
    try {
      trace = follow(trace, await ask());
      answeredAt = performance.now();
      trouble = '';
    } catch (error) {
      // One that starts or is away comes back; one that says no will go on to.
      if (!(error instanceof PoolgateError) || !PASSING.includes(error.code)) over.reject(error);
      else trouble = error.message;
    } finally {
      asking = false;
    }
  }

  const timer = setInterval(() => {
    draw();
    void next().then(draw);
  }, everyMs);
  for (const signal of SIGNALS) process.on(signal, quit);
  ended.addEventListener('abort', quit, { once: true });
  try {
    draw();
    await over.promise;
  } finally {
    clearInterval(timer);
    for (const signal of SIGNALS) process.off(signal, quit);
    ended.removeEventListener('abort', quit);
    screen.close();
  }
}

const PASSING: readonly string[] = ['DAEMON_UNREACHABLE', 'STARTING', 'BUSY', 'STOPPING'];
