/**
 * The test configs and the examples, by name. Of profiles those of Lync Server 2013 stand for those of Skype for Business
 * Server 2015 and 2019 too, which differ in names and a port or two, because each is read by three programs.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { TEST_CONFIGS } from './test-configs.ts';

const EXAMPLES = new URL('../../../examples/', import.meta.url);

export const ALL_CONFIGS: Readonly<Record<string, string>> = {
  ...TEST_CONFIGS,
  ...Object.fromEntries(
    readdirSync(EXAMPLES, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.yaml') && !name.startsWith('profiles/sfb-20'))
      .map((name) => [name, readFileSync(new URL(name, EXAMPLES), 'utf8')]),
  ),
};
