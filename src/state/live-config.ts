/** The config file on disk, as the controller sees it. */
import { ConfigRejected } from '../config/findings.ts';
import type { LoadedConfig, ParsedConfig } from '../config/loaded.ts';
import { readConfigText } from '../config/load.ts';
import { stageConfigFile } from '../config/store.ts';
import type { ConfigFile } from './config-file.ts';

/** The two pure functions that know what a config means. */
export interface ConfigLanguage {
  readonly parseConfig: (text: string, file: string) => ParsedConfig;
  readonly planConfig: ConfigFile['plan'];
}

/** @param path absolute, since it is also the name under which live changes are kept */
export function liveConfigFile(path: string, { parseConfig, planConfig }: ConfigLanguage): ConfigFile {
  function parse(text: string): LoadedConfig {
    const { config, findings } = parseConfig(text, path);
    if (!config) throw new ConfigRejected(path, findings);
    return config;
  }
  return {
    parse,
    read: async () => parse(readConfigText(path)),
    plan: planConfig,
    stage: (next, lastRead) => stageConfigFile(path, next.text, lastRead),
  };
}
