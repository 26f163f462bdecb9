/** One check of one server: probes at its interval, counts rise and fall, never two probes at once. */
import type { Clock, Timer } from '../lib/clock.ts';
import { isoTime } from '../lib/clock.ts';
import type { HealthCheck } from '../model/effective.ts';
import type { CheckHistory, CheckResult, CheckView, Health, ProbeView } from '../state/contract.ts';
import type { Probe, ProbeOutcome } from './probe.ts';
import { afterResult, UNKNOWN } from './rise-fall.ts';

export interface Failure {
  readonly port: number;
  readonly result: CheckResult;
  /** The system's words. */
  readonly text: string;
}

/** Probes whose results are kept of each check. */
const KEPT = 100;

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
 * The first probe starts with `start`. The second comes half to one interval later, by `phase`, so that checks that
 * started together do not stay together; from there on starts are one interval apart, whatever the probes take.
 */
export class RunningCheck {
  readonly #options: CheckOptions;
  readonly #stopping = new AbortController();
  #check: HealthCheck;
  #standing = UNKNOWN;
  #lastBad: ProbeOutcome | null = null;
  readonly #probes: ProbeView[] = [];
  /** Monotonic ms at which the next probe is due. */
  #next = 0;
  /** Null while a probe is under way. */
  #timer: Timer | null = null;

  constructor(options: CheckOptions) {
    this.#options = options;
    this.#check = options.check;
  }

  start(): void {
    this.#next = this.#firstTurn();
    void this.#run();
  }

  stop(): void {
    this.#stopping.abort();
    this.#timer?.cancel();
  }

  /** Other limits and timeout from the next probe on; another interval starts now. */
  update(check: HealthCheck): void {
    const before = this.#check.intervalMs;
    this.#check = check;
    if (check.intervalMs === before) return;
    this.#next = this.#firstTurn();
    if (!this.#timer) return;
    this.#timer.cancel();
    this.#wait();
  }

  verdict(): Health {
    return this.#standing.verdict;
  }

  /** What it saw when it last failed; null unless its verdict is down. */
  failure(): Failure | null {
    if (this.verdict() !== 'down' || !this.#lastBad) return null;
    return { port: this.#check.port, result: this.#lastBad.result, text: this.#lastBad.text };
  }

  view(): CheckView {
    const { type, port } = this.#check;
    const last = this.#probes.at(-1);
    return last ? { type, port, ...last } : { type, port, result: 'INI', text: '', durationMs: 0, at: null };
  }

  history(): CheckHistory {
    const { type, port } = this.#check;
    return { type, port, health: this.verdict(), probes: [...this.#probes] };
  }

  async #run(): Promise<void> {
    this.#timer = null;
    const { address, probe, clock } = this.#options;
    const outcome = await probe({ ...this.#check, address }, clock, this.#stopping.signal);
    if (this.#stopping.signal.aborted) return;
    this.#remember(outcome);
    this.#wait();
    this.#count(outcome);
  }

  #remember({ result, text, durationMs }: ProbeOutcome): void {
    this.#probes.push({ at: isoTime(this.#options.clock.now()), result, text, durationMs });
    if (this.#probes.length > KEPT) this.#probes.shift();
  }

  #count(outcome: ProbeOutcome): void {
    if (outcome.good === null) return;
    if (!outcome.good) this.#lastBad = outcome;
    const before = this.#standing.verdict;
    this.#standing = afterResult(this.#standing, outcome.good, this.#check);
    if (this.#standing.verdict !== before) this.#options.onVerdict();
  }

  #firstTurn(): number {
    return this.#options.clock.monotonic() + this.#check.intervalMs * (0.5 + this.#options.phase / 2);
  }

  /** A probe that took longer than the interval gives up the turns it missed, and keeps its place in the interval. */
  #wait(): void {
    const { clock } = this.#options;
    const now = clock.monotonic();
    const missed = Math.max(0, Math.ceil((now - this.#next) / this.#check.intervalMs));
    const turn = this.#next + missed * this.#check.intervalMs;
    this.#next = turn + this.#check.intervalMs;
    this.#timer = clock.after(turn - now, () => void this.#run());
  }
}
