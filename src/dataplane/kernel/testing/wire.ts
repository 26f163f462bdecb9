/** For tests: what passes an interface, as tcpdump prints it. */
import { expect } from 'vitest';
import type { Inhabitant, Testbed } from './namespaces.ts';

export interface Wire {
  /** All so far, a line a packet. */
  readonly text: string;
  close(): void;
}

/** Resolves when it listens. @param options of tcpdump beside how it prints @param filter of pcap */
export async function listenAt(
  bed: Testbed,
  who: Inhabitant,
  link: string,
  filter: string,
  ...options: string[]
): Promise<Wire> {
  const child = bed.start(who, 'tcpdump', ...options, '-n', '-l', '--immediate-mode', '-i', link, filter);
  const wire = { text: '', close: () => void child.kill() };
  let said = '';
  child.stderr?.on('data', (chunk) => (said += String(chunk)));
  child.stdout?.on('data', (chunk) => (wire.text += String(chunk)));
  await expect.poll(() => said, { timeout: 5000 }).toContain('listening on');
  return wire;
}
