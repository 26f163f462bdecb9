/** Addresses on interfaces, and what machines believe of each other's: `ip address`, `ip neighbour`. */
import type { Host } from './host.ts';

/** Addresses of eth0, with their prefix lengths, link-local ones left out. */
export async function addressesOf(host: Host): Promise<string[]> {
  const text = await host.must('ip', ['-j', 'address', 'show', 'dev', 'eth0']);
  const [link] = JSON.parse(text) as { addr_info: { local: string; prefixlen: number; scope: string }[] }[];
  return (link?.addr_info ?? []).filter((a) => a.scope === 'global').map((a) => `${a.local}/${a.prefixlen}`);
}

export async function macOf(host: Host): Promise<string> {
  return (await host.must('cat', ['/sys/class/net/eth0/address'])).trim();
}

/** The MAC that a machine has in its cache for an address; null if none. */
export async function cachedMac(host: Host, address: string): Promise<string | null> {
  const text = await host.must('ip', ['-j', 'neighbour', 'show', address, 'dev', 'eth0']);
  const [entry] = JSON.parse(text) as { lladdr?: string }[];
  return entry?.lladdr ?? null;
}

/** Has one machine learn an address of another by dialling it. */
export async function learn(host: Host, address: string): Promise<void> {
  // A connect is refused or not; either way the neighbour is known then.
  await host.run('curl', ['-s', '-m', '2', `http://${address.includes(':') ? `[${address}]` : address}:9/`]);
}

/** Adds an address to eth0 of a machine, as an administrator does. */
export async function giveAddress(host: Host, address: string): Promise<void> {
  const quiet = address.includes(':') ? ['nodad'] : [];
  await host.must('ip', ['address', 'add', address, 'dev', 'eth0', ...quiet]);
}

export async function takeAddress(host: Host, address: string): Promise<void> {
  await host.must('ip', ['address', 'del', address, 'dev', 'eth0']);
}
