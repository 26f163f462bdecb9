/** What the controller needs of the config file; live-config.ts joins it to src/config, tests put others in. */
import type { EffectiveConfig } from '../model/effective.ts';
import type { PlanStep } from './contract.ts';

/** A config that was read and found good. */
export interface RunningConfig {
  readonly file: string;
  readonly text: string;
  /** Of the text; tells whether the file is still what was read. */
  readonly hash: string;
  readonly effective: EffectiveConfig;
  readonly provenance: readonly { readonly path: string; readonly value: unknown; readonly from: string }[];
}

/** A text that lies beside the file, complete and on disk, waiting to take its place. */
export interface StagedConfig {
  /** @throws PoolgateError SYSTEM; the file is then as it was */
  commit(): Promise<void>;
  discard(): Promise<void>;
}

export interface ConfigFile {
  /** @throws ConfigRejected (findings) */
  parse(text: string): RunningConfig;
  /** @throws ConfigRejected (findings), PoolgateError CONFIG_UNREADABLE */
  read(): Promise<RunningConfig>;
  plan(from: EffectiveConfig, to: EffectiveConfig): PlanStep[];
  /**
   * Does everything that can fail before the change is live.
   * @param lastRead hash of the text that the change was made from
   * @throws PoolgateError CONFIG_CHANGED when the file holds neither that text nor already the new one; SYSTEM
   */
  stage(next: RunningConfig, lastRead: string): Promise<StagedConfig>;
}
