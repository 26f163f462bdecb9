/** Configs for the tests of exports, and the programs that judge what comes out. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '../../config/load.ts';
import { EXPORTERS } from './formats.ts';
import type { Exported, Format } from './remark.ts';

/** @throws Error with the findings where the config is not good */
export function exported(format: Format, yaml: string): Exported {
  const { config, findings } = parseConfig(yaml, 'pool.yaml');
  if (!config) throw new Error(findings.map((f) => `${f.line}: ${f.message}`).join('\n'));
  return EXPORTERS[format](config);
}

/** The lines of an export that are neither comments nor blank, without their indentation. */
export function linesOf({ text }: Exported): string[] {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '' && !line.startsWith('#'));
}

/** A pool `web` of two servers behind a service `www` on 443, with more keys of the service, the pool, the file. */
export function pool(service = '', pool = '', file = '', servers = SERVERS): string {
  return `version: 1
${file}
pools:
  - name: web
    realServers: [${servers}]
${pool.replaceAll(/^(?=.)/gm, '    ')}
virtualServices:
  - name: www
    vip: 10.0.0.50
    pool: web
${service.replaceAll(/^(?=.)/gm, '    ')}${service.includes('ports:') ? '' : '\n    ports: [443]'}
`;
}

export const SERVERS = '{ name: web01, address: 10.0.0.51 }, { name: web02, address: 10.0.0.52 }';

const CHECKERS: Readonly<Record<Format, (file: string) => [string, string[]]>> = {
  haproxy: (file) => ['haproxy', ['-c', '-q', '-f', file]],
  keepalived: (file) => ['keepalived', ['--config-test', '--use-file', file]],
  nftables: (file) => ['nft', ['--check', '--file', file]],
};

/**
 * What the real program says of the text; empty when it takes it without a word.
 * @throws Error where the program is not there: `sh scripts/install-lab.sh` installs it
 */
export function complaints(format: Format, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'poolgate-export-'));
  try {
    const file = join(folder, 'exported');
    writeFileSync(file, text);
    const [program, args] = CHECKERS[format](file);
    const path = `/usr/local/sbin:/usr/sbin:/sbin:${process.env['PATH']}`;
    const done = spawnSync(program, args, { encoding: 'utf8', env: { ...process.env, PATH: path } });
    if (done.error)
      throw new Error(`${program} cannot be run (sh scripts/install-lab.sh): ${done.error.message}`);
    const said = (done.stderr + done.stdout).trim();
    return done.status === 0 ? said : `ended with ${done.status ?? done.signal}: ${said}`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
