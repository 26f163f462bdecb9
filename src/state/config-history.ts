/** Which configs ran: what is worth keeping, which of them runs now, and which is meant by going back. */
import { type AppliedConfig, type HistoryStore, historyStore } from '../config/history.ts';
import type { LoadedConfig } from '../config/loaded.ts';
import { planWords } from '../config/plan-words.ts';
import type { Clock } from '../lib/clock.ts';
import { isoTime } from '../lib/clock.ts';
import { PoolgateError } from '../lib/errors.ts';
import type { ConfigFile } from './config-file.ts';
import type { HistoryEntry, HistoryConfig, PlanStep } from './contract.ts';
import type { EventLog } from './events.ts';
import { stateUnsaved, wordsOf } from './messages.ts';

export interface ConfigHistoryParts {
  readonly stateDir: string;
  readonly configFile: ConfigFile;
  readonly clock: Clock;
  readonly events: EventLog;
}

export class ConfigHistory {
  readonly #parts: ConfigHistoryParts;
  readonly #store: HistoryStore;

  constructor(parts: ConfigHistoryParts, file: string) {
    this.#parts = parts;
    this.#store = historyStore(parts.stateDir, file, (text) => parts.events.emit(stateUnsaved(text)));
  }

  load(): Promise<void> {
    return this.#store.load();
  }

  /** What a start runs: nothing new, unless the file was edited meanwhile or never ran. */
  async started(config: LoadedConfig, actor: string): Promise<void> {
    const last = this.#store.list().at(-1);
    if (last?.hash === config.hash) return;
    await this.#keep(config, actor, last ? await this.#wordsSince(last, config) : 'first start');
  }

  /** A change that went through; one that left the text as it was is none. */
  async applied(
    config: LoadedConfig,
    steps: readonly PlanStep[],
    actor: string,
    back?: number,
  ): Promise<void> {
    if (this.#store.list().at(-1)?.hash === config.hash) return;
    const words = planWords(steps);
    await this.#keep(config, actor, back === undefined ? words : `back to ${back}: ${words}`);
  }

  /** Oldest first. @param running hash of the config that runs */
  list(running: string): HistoryEntry[] {
    const entries = this.#store.list();
    const current = entries.findLast(({ hash }) => hash === running);
    return entries.map((entry) => ({ ...entry, current: entry === current }));
  }

  /** @throws PoolgateError UNKNOWN_CONFIG, SYSTEM */
  async config(number: number, running: LoadedConfig): Promise<HistoryConfig> {
    const text = await this.#store.read(number);
    const entry = this.list(running.hash).find((e) => e.number === number) as HistoryEntry;
    return { ...entry, text, since: this.#since(text, running) };
  }

  /** What going back means: this number, or the config before the one that runs. @throws PoolgateError UNKNOWN_CONFIG, SYSTEM */
  async target(number: number | null, running: string): Promise<{ number: number; text: string }> {
    const meant = number ?? before(this.list(running));
    return { number: meant, text: await this.#store.read(meant) };
  }

  /** A full disk must not keep an operator from a change, so that it could not be written is only told. */
  async #keep({ hash, text }: LoadedConfig, actor: string, changes: string): Promise<void> {
    const { clock, events } = this.#parts;
    try {
      await this.#store.add({ at: isoTime(clock.now()), actor, changes, hash }, text);
    } catch (error) {
      events.emit(stateUnsaved(`The config is not in the history after a restart: ${wordsOf(error)}.`));
    }
  }

  async #wordsSince({ number }: AppliedConfig, config: LoadedConfig): Promise<string> {
    const text = await this.#store.read(number).catch(() => null);
    const steps = text === null ? null : this.#since(text, config);
    return steps === null
      ? 'edited while it did not run'
      : `edited while it did not run: ${planWords(steps)}`;
  }

  /** Null when this version takes that text no more. */
  #since(text: string, running: LoadedConfig): PlanStep[] | null {
    const { configFile } = this.#parts;
    try {
      return configFile.plan(configFile.parse(text).effective, running.effective);
    } catch {
      return null;
    }
  }
}

function before(entries: readonly HistoryEntry[]): number {
  const current = entries.findIndex((entry) => entry.current);
  const found = entries.at(current < 0 ? -1 : current - 1);
  if (found && current !== 0) return found.number;
  throw new PoolgateError('UNKNOWN_CONFIG', 'There is no config before the one that runs.');
}
