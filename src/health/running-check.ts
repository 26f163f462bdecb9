/** One check of one server: probes at its interval, counts rise and fall, never two probes at once. */
import type { Clock, Timer } from '../lib/clock.ts';
import { isoTime } from '../lib/clock.ts';
import type { HealthCheck } from '../model/effective.ts';
import type { CheckResult, CheckView, Health } from '../state/contract.ts';
import type { Probe, ProbeOutcome } from './probe.ts';
import { afterResult, UNKNOWN } from './rise-fall.ts';

export interface Failure {
  readonly port: number;
  readonly result: CheckResult;
  /** The system's words. */
  readonly text: string;
}

export interface RunningCheck {
  verdict(): Health;
  view(): CheckView;
  /** What it saw when it last failed; null unless its verdict is down. */
  failure(): Failure | null;
  /** Other limits and timeout from the next probe on; another interval starts now. */
  update(check: HealthCheck): void;
  stop(): void;
}

export interface CheckOptions {
  readonly check: HealthCheck;
  readonly address: string;
  readonly probe: Probe;
  readonly clock: Clock;
  /** 0 to below 1: where in the interval this check has its turn. */
  readonly phase: number;
  /** The check's verdict changed. */
  readonly onVerdict: () => void;
}

/**
 * The first probe starts now. The second comes half to one interval later, by `phase`, so that checks that started
 * together do not stay together; from there on starts are one interval apart, whatever the probes take.
 */
export function startCheck(options: CheckOptions): RunningCheck {
  const { address, probe, clock, onVerdict } = options;
  const stopping = new AbortController();
  let { check } = options;
  let standing = UNKNOWN;
  let lastBad: ProbeOutcome | null = null;
  let last: { readonly outcome: ProbeOutcome; readonly at: number } | null = null;
  let next = firstTurn();
  /** Null while a probe is under way. */
  let timer: Timer | null = null;

  function firstTurn(): number {
    return clock.monotonic() + check.intervalMs * (0.5 + options.phase / 2);
  }

  async function run(): Promise<void> {
    timer = null;
    const target = { address, port: check.port, timeoutMs: check.timeoutMs };
    const outcome = await probe(target, clock, stopping.signal);
    if (stopping.signal.aborted) return;
    last = { outcome, at: clock.now() };
    timer = clock.after(untilNextTurn(), () => void run());
    if (outcome.good === null) return;
    if (!outcome.good) lastBad = outcome;
    const before = standing.verdict;
    standing = afterResult(standing, outcome.good, check);
    if (standing.verdict !== before) onVerdict();
  }

  /** A probe that took longer than the interval gives up the turns it missed, and keeps its place in the interval. */
  function untilNextTurn(): number {
    const now = clock.monotonic();
    const missed = Math.max(0, Math.ceil((now - next) / check.intervalMs));
    const turn = next + missed * check.intervalMs;
    next = turn + check.intervalMs;
    return turn - now;
  }

  void run();
  return {
    verdict: () => standing.verdict,
    view: () => ({
      type: check.type,
      port: check.port,
      result: last?.outcome.result ?? 'INI',
      text: last?.outcome.text ?? '',
      durationMs: last?.outcome.durationMs ?? 0,
      at: last ? isoTime(last.at) : null,
    }),
    failure: () =>
      standing.verdict === 'down' && lastBad
        ? { port: check.port, result: lastBad.result, text: lastBad.text }
        : null,
    update: (changed) => {
      const before = check.intervalMs;
      check = changed;
      if (changed.intervalMs === before) return;
      next = firstTurn();
      if (!timer) return;
      timer.cancel();
      timer = clock.after(untilNextTurn(), () => void run());
    },
    stop: () => {
      stopping.abort();
      timer?.cancel();
    },
  };
}
