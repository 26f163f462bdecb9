/** HAProxy with what Poolgate exports: a config that the lab would run on Poolgate, run by the other one. */
import type { ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { NODE } from '../agent/agent.ts';
import { stopChild } from '../net/exec.ts';
import type { Network } from '../net/network.ts';
import { waitFor } from '../net/wait.ts';
import { listens } from '../servers/kamailio.ts';
import type { ConfigTree } from './config.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export class Haproxy {
  private readonly child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.child = child;
  }

  /** @param ports that it listens on when it is ready */
  static async start(
    { directory, balancer }: Network,
    config: ConfigTree,
    ports: readonly number[],
  ): Promise<Haproxy> {
    const yaml = join(directory, 'exported.yaml');
    const file = join(directory, 'haproxy.cfg');
    await writeFile(yaml, stringify(config));
    await writeFile(file, await balancer.must(NODE, [MAIN, 'export', 'haproxy', yaml]));
    const complaints = await balancer.run('haproxy', ['-c', '-q', '-f', file]);
    if (complaints.code !== 0 || complaints.stderr !== '')
      throw new Error(`haproxy -c: ${complaints.code} ${complaints.stderr}`);
    const child = balancer.start('haproxy', ['-db', '-f', file]);
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await waitFor('haproxy to listen', () => {
      if (child.exitCode !== null) throw new Error(`haproxy ended: ${said}`);
      return listens(balancer, ports);
    });
    return new Haproxy(child);
  }

  stop(): Promise<void> {
    return stopChild(this.child);
  }
}
