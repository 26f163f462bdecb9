/** What keys do. During the tour they only leave it; afterwards the servers are the visitor's to break. */
import type { Rig } from './rig.ts';
import { SERVERS, type ServerName } from './site.ts';

export interface ControlsOptions {
  readonly onQuit: () => void;
  readonly onSkip: () => void;
  readonly onProblem: (text: string) => void;
}

const CTRL_C = '\u0003';
const UP = '\u001b[A';
const DOWN = '\u001b[B';

export function keysFor(chosen: string | null): [key: string, does: string][] {
  if (chosen === null)
    return [
      ['q', 'quit'],
      ['s', 'skip the tour'],
    ];
  return [
    ['q', 'quit'],
    ['1 2 3', 'choose a server'],
    ['f', `fail or mend ${chosen}`],
    ['d', `drain or ready ${chosen}`],
  ];
}

export class Controls {
  readonly #options: ControlsOptions;
  #rig: Rig | null = null;
  #at = 1;
  #acting: Promise<void> = Promise.resolve();

  constructor(options: ControlsOptions) {
    this.#options = options;
  }

  /** The server that keys act on; null during the tour. */
  get chosen(): ServerName | null {
    return this.#rig ? (SERVERS[this.#at]?.name ?? null) : null;
  }

  take(rig: Rig): void {
    this.#rig = rig;
  }

  press(key: string): void {
    if (key === 'q' || key === CTRL_C) this.#options.onQuit();
    else if (!this.#rig) {
      if (key === 's') this.#options.onSkip();
    } else if (/^[1-3]$/.test(key)) this.#at = Number(key) - 1;
    else if (key === UP || key === DOWN) this.#move(key === UP ? -1 : 1);
    else if (key === 'f') this.#act(toggleFault);
    else if (key === 'd') this.#act(toggleDrain);
  }

  #move(by: number): void {
    this.#at = (this.#at + by + SERVERS.length) % SERVERS.length;
  }

  /** One after another, so that two quick presses are one there and one back. */
  #act(act: (rig: Rig, server: ServerName) => Promise<unknown>): void {
    const [rig, server] = [this.#rig, this.chosen];
    if (!rig || !server) return;
    this.#acting = this.#acting
      .then(() => act(rig, server))
      .then(() => {})
      .catch((error: unknown) => this.#options.onProblem((error as Error).message));
  }
}

function toggleFault({ faults }: Rig, server: ServerName): Promise<unknown> {
  return faults.isFailed(server) ? faults.mend(server) : faults.fail(server);
}

async function toggleDrain(rig: Rig, server: ServerName): Promise<void> {
  const view = (await rig.balancer.servers()).find(({ name }) => name === server);
  await rig.balancer.setAdmin(server, view?.admin === 'ready' ? 'drain' : 'ready');
}
