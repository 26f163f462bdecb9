/** Packets as tshark takes them apart: chosen fields, a packet a row. */
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

  /**
   * Captures what matches a pcap filter on an interface; resolves when it captures.
   * @param fields tshark's names, e.g. `ip.src`
   */
  static async on(host: Host, filter: string, fields: readonly string[], link = 'eth0'): Promise<Capture> {
    const before = await capturing(host);
    const wanted = fields.flatMap((field) => ['-e', field]);
    const child = host.start('tshark', ['-l', '-n', '-i', link, '-f', filter, '-T', 'fields', ...wanted]);
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    const capture = new Capture(child);
    await waitFor(`tshark on ${host.role} to capture`, async () => {
      if (child.exitCode !== null) throw new Error(`tshark ended: ${said}`);
      return said.includes('Capturing on') && (await capturing(host)) > before;
    });
    return capture;
  }

  /** One row a packet, one string a field; a field that a packet has twice (the header in an ICMP error) is `A,B`. */
  rows(): string[][] {
    const lines = this.text.split('\n');
    // The last line may still be coming.
    return lines.slice(0, -1).map((line) => line.split('\t'));
  }

  async close(): Promise<void> {
    await stopChild(this.child);
  }
}

/** Packet sockets that run. packet(7); the sixth column says so. */
async function capturing(host: Host): Promise<number> {
  const table = await host.must('cat', ['/proc/net/packet']);
  return table.split('\n').filter((line) => line.trim().split(/\s+/)[5] === '1').length;
}
