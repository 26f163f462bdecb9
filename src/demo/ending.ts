/** When the demo is to end: a signal of the system, the time that was given, or somebody who says so. */
export class Ending {
  /** Ended by a signal of the system, so not by itself. */
  interrupted = false;
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout | null;
  readonly #onSignal = (): void => {
    // Whoever asks twice does not want to wait; what must be cleaned up is so as the process exits.
    if (this.interrupted) process.exit(1);
    this.interrupted = true;
    this.end();
  };

  /** @param seconds null: no limit */
  constructor(seconds: number | null) {
    this.#timer = seconds === null ? null : setTimeout(() => this.end(), seconds * 1000);
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  end(): void {
    this.#controller.abort();
  }

  /** Signals do again what they usually do. */
  release(): void {
    if (this.#timer) clearTimeout(this.#timer);
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
