/** Configs for tests. */
import { parseConfig } from './load.ts';
import type { LoadedConfig } from './loaded.ts';

export const LEAST = `version: 1
pools:
  - name: ocspool
    profile: ocs-2007-r2/enterprise-pool
    realServers: [{ name: fe01, address: 10.0.0.41 }, { name: fe02, address: 10.0.0.42 }]
virtualServices:
  - { name: ocs, vip: 10.0.0.40, pool: ocspool }
`;

interface Parts {
  /** Lines before the pools. */
  readonly head?: string;
  /** Further keys of the pool, in flow style; they stand before `realServers`. */
  readonly pool?: string;
  readonly servers?: string;
  /** Further keys of the service, in flow style. */
  readonly service?: string;
  /** Further items of the list of services. */
  readonly more?: string;
}

/** A small valid config without a profile, with these parts in place of its own. */
export function configWith(parts: Parts = {}): string {
  const {
    head = '',
    pool = '',
    servers = '{ name: a, address: 10.0.0.41 }',
    service = 'ports: [5061]',
    more = '',
  } = parts;
  return `version: 1
${head}
pools:
  - { name: p, ${pool === '' ? '' : `${pool}, `}realServers: [${servers}] }
virtualServices:
  - { name: s, vip: 10.0.0.40, pool: p${service === '' ? '' : `, ${service}`} }
${more}
`;
}

/** Rule and severity of each finding, in the order of the file. */
export function rulesOf(text: string): string[] {
  return parseConfig(text, 'c.yaml').findings.map((f) => `${f.severity} ${f.rule}`);
}

/** @throws Error when the text has errors */
export function load(text: string): LoadedConfig {
  const { config, findings } = parseConfig(text, 'c.yaml');
  if (!config) throw new Error(findings.map((f) => `${f.line}:${f.col} ${f.rule} ${f.message}`).join('\n'));
  return config;
}
