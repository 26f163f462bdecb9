/** coturn as a STUN server over UDP and TCP on 3478. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChildProcess } from 'node:child_process';
import { stopChild } from '../net/exec.ts';
import type { Host } from '../net/host.ts';
import { waitFor } from '../net/wait.ts';

export const STUN_PORT = 3478;

export class Coturn {
  private readonly child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.child = child;
  }

  /** Starts it and waits until it has its port for both protocols. It ends with its host. */
  static async start(host: Host, directory: string): Promise<Coturn> {
    const folder = join(directory, `${host.role}-coturn`);
    await mkdir(folder, { recursive: true });
    const file = (name: string): string => join(folder, name);
    const where = ['--pidfile', file('pid'), '--userdb', file('users'), '--log-file', 'stdout'];
    const only = ['--stun-only', '--no-tls', '--no-dtls', '--no-cli', '--relay-threads', '1'];
    const listen = ['--listening-ip', host.ipv4, '--listening-port', `${STUN_PORT}`];
    const child = host.start('turnserver', ['-n', ...listen, ...only, ...where]);
    let said = '';
    // It logs every client; what nobody reads would stop it.
    child.stdout?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000)));
    child.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000)));
    await waitFor(`coturn on ${host.role} to listen`, async () => {
      if (child.exitCode !== null) throw new Error(`coturn ended: ${said}`);
      const table = await host.must('ss', ['-Hlntu']);
      return ['udp', 'tcp'].every((kind) => new RegExp(`^${kind}\\s.*:${STUN_PORT}\\s`, 'm').test(table));
    });
    return new Coturn(child);
  }

  async stop(): Promise<void> {
    await stopChild(this.child);
  }
}
