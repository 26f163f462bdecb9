/** For tests: a small world of flows, and the programs that read what is written. */
import { spawnSync } from 'node:child_process';
import { parseConfig } from '../../config/load.ts';
import type { Firewall, Flow } from './flow.ts';
import { flowsOfConfig } from './from-config.ts';
import { withAddresses } from './parties.ts';

/** Needs root, and its own network so that nothing here is touched. */
export const CAN_LOAD = process.getuid?.() === 0 && run('true', [], '').ok;

/** Runs a program in an empty network of its own. */
export function run(program: string, args: readonly string[], input: string): { ok: boolean; err: string } {
  const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };
  const done = spawnSync('unshare', ['-n', program, ...args], { input, env, encoding: 'utf8' });
  return { ok: done.status === 0, err: done.stderr ?? String(done.error) };
}

export const OCS = `
version: 1
pools:
  - name: ocspool
    profile: ocs-2007-r2/enterprise-pool
    realServers: [{ name: fe01, address: 10.0.0.41 }, { name: fe02, address: 10.0.0.42 }]
virtualServices:
  - { name: ocs, vip: 10.0.0.40, pool: ocspool, snatPool: [10.0.0.44-10.0.0.45] }
`;

export function firewallOf(text: string, given: Record<string, string[]> = {}): Firewall {
  const { config, findings } = parseConfig(text, 'pool.yaml');
  if (!config) throw new Error(findings.map((f) => f.message).join('\n'));
  return {
    subject: 'pool.yaml',
    flows: withAddresses(flowsOfConfig(config.effective), new Map(Object.entries(given))),
  };
}

/** `clients>vip-ocs 443/tcp`, each once, sorted. */
export function short(flows: readonly Flow[]): string[] {
  const lines = flows.map(({ from, to, first, last, transport }) => {
    const ports = first === last ? String(first) : `${first}-${last}`;
    return `${from.id}>${to.id} ${ports}/${transport}`;
  });
  return [...new Set(lines)].toSorted();
}
