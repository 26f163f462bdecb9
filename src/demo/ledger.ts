/** What the clients saw: who answered, who was cut off, who was turned away. */
import type { Protocol } from './call.ts';
import { SERVERS, type ServerName } from './site.ts';

export interface Answer {
  /** From 1, without gaps. */
  readonly seq: number;
  readonly protocol: Protocol;
  readonly server: ServerName;
}

export interface Trouble {
  /** The server that the client was on; null when it had not heard from any. */
  readonly server: ServerName | null;
  readonly text: string;
  /** ms since 1970. */
  readonly at: number;
}

export interface ServerTally {
  readonly answered: number;
  readonly cut: number;
}

export interface LedgerListener {
  onAnswer(answer: Answer): void;
  onTrouble(trouble: Trouble): void;
}

/** More than any picture or proof looks back at. */
const KEPT = 1000;

export class Ledger {
  #answers: Answer[] = [];
  #seq = 0;
  #troubles: Trouble[] = [];
  #turnedAway = 0;
  readonly #answered = new Map<ServerName, number>();
  readonly #cut = new Map<ServerName, number>();
  readonly #listener: LedgerListener;

  constructor(listener: LedgerListener = { onAnswer: () => {}, onTrouble: () => {} }) {
    this.#listener = listener;
  }

  answer(protocol: Protocol, server: ServerName): void {
    const answer = { seq: ++this.#seq, protocol, server };
    this.#answers.push(answer);
    if (this.#answers.length > KEPT) this.#answers = this.#answers.slice(-KEPT / 2);
    this.#answered.set(server, (this.#answered.get(server) ?? 0) + 1);
    this.#listener.onAnswer(answer);
  }

  trouble(trouble: Trouble): void {
    if (trouble.server) this.#cut.set(trouble.server, (this.#cut.get(trouble.server) ?? 0) + 1);
    else this.#turnedAway++;
    this.#troubles.push(trouble);
    if (this.#troubles.length > KEPT) this.#troubles.shift();
    this.#listener.onTrouble(trouble);
  }

  /** The number of the latest answer; what comes after it is `since(mark())`. */
  mark(): number {
    return this.#seq;
  }

  since(mark: number): readonly Answer[] {
    return this.#answers.filter((answer) => answer.seq > mark);
  }

  latest(count: number): readonly Answer[] {
    return this.#answers.slice(-count);
  }

  get answered(): number {
    return this.#seq;
  }

  /** Connections that ended under a client which had been answered on them. */
  get cut(): number {
    return [...this.#cut.values()].reduce((sum, n) => sum + n, 0);
  }

  /** Connections that nobody answered. */
  get turnedAway(): number {
    return this.#turnedAway;
  }

  /** The latest, in order. */
  get troubles(): readonly Trouble[] {
    return this.#troubles;
  }

  tally(server: ServerName): ServerTally {
    return { answered: this.#answered.get(server) ?? 0, cut: this.#cut.get(server) ?? 0 };
  }

  /** Names of the servers that connections were cut on. */
  cutOn(): ServerName[] {
    return SERVERS.map((server) => server.name).filter((name) => this.#cut.has(name));
  }
}
