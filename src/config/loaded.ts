import type { EffectiveConfig } from '../model/effective.ts';
import type { Finding } from './findings.ts';

/** One value in effect. `from`: `file`, `profile NAME`, `defaults` (the file's section of that name) or `schema`. */
export interface Provenance {
  /** e.g. `pools[ocspool].realServers[fe01].weight`. */
  readonly path: string;
  /** As the file would say it: durations with their unit. */
  readonly value: unknown;
  readonly from: string;
}

/** A config that was read and found good: it may have warnings, but no errors. */
export interface LoadedConfig {
  readonly file: string;
  readonly text: string;
  /** SHA-256 of the text. */
  readonly hash: string;
  readonly effective: EffectiveConfig;
  readonly provenance: readonly Provenance[];
}

/** `config` is null exactly when `findings` has an error. */
export interface ParsedConfig {
  readonly config: LoadedConfig | null;
  readonly findings: readonly Finding[];
}
