/** Has the kernel end what was idle for too long, and tells both ends of it. */
import type { DesiredState } from '../../dataplane.ts';
import { decode, encode } from '../bpf/codec.ts';
import type { BpfProgram } from '../bpf/program.ts';
import { runProgram } from '../bpf/run.ts';
import type { Endings } from './endings.ts';
import { Expirations } from './expirations.ts';

const LONGEST_PAUSE_MS = 1000;
const SHORTEST_PAUSE_MS = 50;
/** A connection is over at most this part of its patience late, down to the shortest pause. */
const PART = 4;
/** When more expire than can be told at once, this often again before others have their turn. */
const MOST_ROUNDS = 4;

export class Sweeper {
  private readonly program: BpfProgram;
  private readonly endings: Endings;
  private readonly expirations: Expirations;
  private readonly onTrouble: (message: string) => void;
  private pauseMs = LONGEST_PAUSE_MS;
  private timer: NodeJS.Timeout | null = null;
  private sweptAt = Number.NEGATIVE_INFINITY;

  constructor(program: BpfProgram, endings: Endings, onTrouble: (message: string) => void) {
    this.program = program;
    this.endings = endings;
    this.onTrouble = onTrouble;
    this.expirations = new Expirations(program);
  }

  start(): void {
    this.timer ??= setInterval(() => this.sweepOrSay(), this.pauseMs);
  }

  stop(): void {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
  }

  /** For good. */
  close(): void {
    this.stop();
    this.expirations.close();
  }

  /** Looks as often as the shortest time limit of these services needs. */
  setPace({ services }: DesiredState): void {
    const limits = services.flatMap(({ settings }) => [
      settings.idleTimeoutMs,
      settings.connectTimeoutMs,
      settings.udpIdleMs,
    ]);
    const shortest = Math.min(LONGEST_PAUSE_MS * PART, ...limits.filter((ms) => ms > 0));
    const pause = Math.max(SHORTEST_PAUSE_MS, Math.min(LONGEST_PAUSE_MS, shortest / PART));
    if (pause === this.pauseMs) return;
    this.pauseMs = pause;
    if (!this.timer) return;
    this.stop();
    this.start();
  }

  /** Brings what the sweep adds up to date, unless it just was. */
  account(): void {
    if (performance.now() - this.sweptAt > SHORTEST_PAUSE_MS) this.sweepOrSay();
  }

  private sweepOrSay(): void {
    try {
      this.sweep();
    } catch (error) {
      this.onTrouble(`Idle connections could not be ended: ${String(error)}`);
    }
  }

  private sweep(): void {
    this.sweptAt = performance.now();
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const untold = this.sweepOnce();
      for (const connection of this.expirations.take()) this.endings.tell(connection);
      if (untold === 0n) return;
    }
  }

  /** @returns how many found no room to be told of, and so go on */
  private sweepOnce(): bigint {
    const layout = this.program.layout('sweep');
    const { context } = runProgram(this.program.fd('sweep'), encode(layout, {}));
    return (decode(layout, context) as { untold: bigint }).untold;
  }
}
