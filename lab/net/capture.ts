/** Packets as tcpdump prints them, one line each. */
import type { ChildProcess } from 'node:child_process';
import { stopChild } from './exec.ts';
import type { Host } from './host.ts';
import { waitFor } from './wait.ts';

export class Capture {
  private text = '';
  private readonly child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.child = child;
    child.stdout?.on('data', (chunk: Buffer) => {
      this.text += chunk.toString();
    });
  }

  /** Captures what matches a pcap filter on eth0 of a machine; resolves when tcpdump listens. */
  static async on(host: Host, filter: string): Promise<Capture> {
    const child = host.start('tcpdump', ['--immediate-mode', '-l', '-n', '-i', 'eth0', filter]);
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    const capture = new Capture(child);
    await waitFor(`tcpdump on ${host.role} to listen`, () => said.includes('listening on'));
    return capture;
  }

  lines(): string[] {
    return this.text.split('\n').filter((line) => line !== '');
  }

  async close(): Promise<void> {
    await stopChild(this.child);
  }
}
