/**
 * The sample clients: some call and hang up, others sign in and stay, as people at their desks do. Each step waits for
 * the one before and until the balancer has counted it, so that who answers next can be told in advance and checked.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { callOnce, type Dial, openSip, type Protocol, type SipConnection } from './call.ts';
import type { Ledger } from './ledger.ts';
import type { ServerName } from './site.ts';

export interface Phone extends SipConnection {
  readonly user: string;
}

export interface ClientsOptions {
  readonly dial: Dial;
  readonly ledger: Ledger;
  /** Resolves when the balancer counts as many open connections as there are phones, or after a while. */
  readonly settled: (phones: number) => Promise<void>;
}

/** Four in a round, where there are three servers: so each server gets to see every protocol. */
const ROUND: readonly Protocol[] = ['sip', 'sipTls', 'https', 'sip'];

/** A phone that is cut off signs in again so soon; nobody who types a password would notice. */
const AGAIN_MS = 150;
/** After a refusal there is no hurry. */
const REFUSED_MS = 1000;

export class Clients {
  readonly #options: ClientsOptions;
  readonly #phones = new Set<Phone>();
  readonly #closing = new AbortController();
  #turn: Promise<unknown> = Promise.resolve();
  #calls = 0;
  #users = 0;
  /** Signed in or about to: how many people there are. */
  #people = 0;

  constructor(options: ClientsOptions) {
    this.#options = options;
  }

  get phones(): readonly Phone[] {
    return [...this.#phones];
  }

  /** How many want to be signed in; more than there are phones while some are cut off. */
  get people(): number {
    return this.#people;
  }

  phonesOn(server: ServerName): Phone[] {
    return this.phones.filter((phone) => phone.server === server);
  }

  /** Calls one after another, every `gapMs`, until the signal. */
  async callOn(gapMs: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !this.#closing.signal.aborted) {
      const protocol = ROUND[this.#calls++ % ROUND.length] ?? 'sip';
      await this.#inTurn(() => this.#tryFor(protocol, () => callOnce(protocol, this.#options.dial)));
      await sleep(gapMs, undefined, { signal }).catch(() => {});
    }
  }

  /** One more person, who stays signed in until `signOut`, and signs in again when cut off. */
  async signIn(): Promise<void> {
    this.#people++;
    await this.#register(`user${String(++this.#users).padStart(2, '0')}`);
  }

  async signOut(phone: Phone): Promise<void> {
    if (!this.#phones.delete(phone)) return;
    this.#people--;
    await this.#inTurn(() => hungUp(phone));
  }

  /** Resolves when every step that has begun is over. */
  async stepsDone(): Promise<void> {
    await this.#inTurn(async () => {});
  }

  /** Everybody hangs up; nobody calls any more. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#turn;
    const phones = this.phones;
    this.#phones.clear();
    this.#people = 0;
    await Promise.all(phones.map(hungUp));
  }

  async #register(user: string): Promise<void> {
    while (!(await this.#tryToRegister(user)) && !this.#closing.signal.aborted) await this.#wait(REFUSED_MS);
  }

  async #tryToRegister(user: string): Promise<boolean> {
    const open = () => openSip('REGISTER', 'sipTls', user, this.#options.dial);
    const keep = (made: SipConnection) => this.#keep({ ...made, user });
    let isIn = false;
    await this.#inTurn(async () => {
      isIn = (await this.#tryFor('sipTls', open, keep)) !== null;
    });
    return isIn;
  }

  #keep(phone: Phone): void {
    this.#phones.add(phone);
    phone.socket.on('close', () => {
      // Not there any more: it hung up itself.
      if (!this.#phones.delete(phone)) return;
      this.#trouble(phone.server, 'the connection of a phone was cut');
      void this.#wait(AGAIN_MS).then(() => this.#register(phone.user));
    });
  }

  async #tryFor<T extends ServerName | SipConnection>(
    protocol: Protocol,
    act: () => Promise<T>,
    onDone: (made: T) => void = () => {},
  ): Promise<T | null> {
    try {
      const made = await act();
      onDone(made);
      this.#options.ledger.answer(protocol, typeof made === 'string' ? made : made.server);
      return made;
    } catch (error) {
      this.#trouble(null, (error as Error).message);
      return null;
    }
  }

  #trouble(server: ServerName | null, text: string): void {
    this.#options.ledger.trouble({ server, text, at: Date.now() });
  }

  #inTurn(step: () => Promise<unknown>): Promise<void> {
    const turn = this.#turn.then(async () => {
      if (this.#closing.signal.aborted) return;
      await step();
      await this.#options.settled(this.#phones.size);
    });
    this.#turn = turn;
    return turn;
  }

  async #wait(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#closing.signal }).catch(() => {});
  }
}

/** Resolves when the other end has hung up as well. */
function hungUp({ socket }: Phone): Promise<void> {
  if (socket.closed) return Promise.resolve();
  return new Promise((resolve) => {
    socket.on('close', () => resolve());
    socket.end();
  });
}
