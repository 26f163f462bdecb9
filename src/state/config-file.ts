/** What the controller needs of the config file; live-config.ts joins it to src/config, tests put others in. */
import type { LoadedConfig } from '../config/loaded.ts';
import type { StagedConfig } from '../config/store.ts';
import type { EffectiveConfig } from '../model/effective.ts';
import type { PlanStep } from './contract.ts';

export type { StagedConfig } from '../config/store.ts';

export interface ConfigFile {
  /** @throws ConfigRejected (findings) */
  parse(text: string): LoadedConfig;
  /** @throws ConfigRejected (findings), PoolgateError CONFIG_UNREADABLE */
  read(): Promise<LoadedConfig>;
  plan(from: EffectiveConfig, to: EffectiveConfig): PlanStep[];
  /**
   * Does everything that can fail before the change is live.
   * @param lastRead hash of the text that the change was made from
   * @throws PoolgateError CONFIG_CHANGED when the file holds neither that text nor already the new one; SYSTEM
   */
  stage(next: LoadedConfig, lastRead: string): Promise<StagedConfig>;
}
