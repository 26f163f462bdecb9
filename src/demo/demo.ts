/** `poolgate demo`: a pool, its balancer, clients and a failure on this machine, for anybody to look at. */
import { wantsColour } from '../cli/io.ts';
import { Ending } from './ending.ts';
import { LiveShow } from './live.ts';
import { plainShow } from './plain.ts';
import { presentLive, presentPlain } from './present.ts';
import { isProved, type Summary, summaryText } from './summary.ts';

export interface DemoOptions {
  /** Ends after so many seconds, whatever has been shown by then. */
  readonly seconds?: number;
  /** Lines instead of a live view, also on a terminal. */
  readonly plain?: boolean;
}

/** Three times what it takes; a pipeline must not wait for a demo that hangs. */
const PLAIN_SECONDS = 30;

/**
 * On a terminal a live view that goes on until it is left; else lines of text, and it ends by itself.
 * @returns the exit code: 0 when all that it says it has shown was observed
 * @throws PoolgateError when it cannot start
 */
export async function runDemo(options: DemoOptions): Promise<number> {
  const live = isLive(options);
  const ending = new Ending(options.seconds ?? (live ? null : PLAIN_SECONDS));
  try {
    const summary = await (live ? showLive(ending) : showPlain(options, ending));
    print(`\n${summaryText(summary, style())}`);
    return isProved(summary) && !ending.interrupted ? 0 : 1;
  } catch (error) {
    if (!ending.signal.aborted) throw error;
    process.stderr.write('poolgate: ended before anything was shown\n');
    return 1;
  } finally {
    ending.release();
  }
}

function isLive({ plain = false }: DemoOptions): boolean {
  return process.stdout.isTTY && !plain && process.env['TERM'] !== 'dumb';
}

async function showPlain({ seconds }: DemoOptions, ending: Ending): Promise<Summary> {
  const show = plainShow({ out: print, elapsedMs: stopwatch() });
  const summary = await presentPlain(show, ending, seconds !== undefined);
  const isWhole = summary.notShown.length === 0 || summary.claims.some((claim) => !claim.ok);
  if (seconds !== undefined || isWhole || ending.interrupted) return summary;
  const late = { title: 'The tour ends', ok: false, text: `not within ${PLAIN_SECONDS} s` };
  return { ...summary, claims: [...summary.claims, late] };
}

function print(text: string): void {
  process.stdout.write(text);
}

async function showLive(ending: Ending): Promise<Summary> {
  const skipping = new AbortController();
  const show = new LiveShow({
    colour: style().colour,
    withKeys: process.stdin.isTTY,
    elapsedMs: stopwatch(),
    onQuit: () => ending.end(),
    onSkip: () => skipping.abort(),
  });
  try {
    return await presentLive(show, ending, skipping.signal);
  } finally {
    show.close();
  }
}

function stopwatch(): () => number {
  const began = performance.now();
  return () => performance.now() - began;
}

function style() {
  const { isTTY, columns } = process.stdout;
  return { columns: isTTY ? columns || 80 : null, colour: wantsColour(isTTY, process.env) };
}
