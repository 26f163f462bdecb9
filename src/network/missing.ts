/** What to do about a VIP or a SNAT address that this machine does not have. */
import { networkInterfaces } from 'node:os';
import { fullPrefix, inNetwork } from './family.ts';

export interface OwnNetwork {
  readonly name: string;
  readonly address: string;
  /** Prefix length in bits. */
  readonly prefix: number;
}

/** Names the interface in whose network the address lies, and both ways to have it there. */
export function hintForMissing(
  address: string,
  where: 'the VIP' | 'the SNAT pool' = 'the VIP',
  networks: readonly OwnNetwork[] = ownNetworks(),
): string {
  const at = networks.find((n) => n.prefix < fullPrefix(address) && inNetwork(address, n.address, n.prefix));
  if (!at) {
    const known = networks.map((n) => `${n.name} ${n.address}/${n.prefix}`).join(', ') || 'none';
    return `It lies in no network of this machine (${known}). Correct ${where}, or add the address where it belongs (\`ip address add\`).`;
  }
  const command = `ip address add ${address}/${fullPrefix(address)} dev ${at.name}`;
  return (
    `It lies in the network of ${at.name}: write \`topology: { interface: ${at.name} }\` and Poolgate adds, announces and ` +
    `removes it, or add it yourself (\`${command}\`), or correct ${where}.`
  );
}

function ownNetworks(): OwnNetwork[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses
      .filter((a) => !a.internal && a.cidr !== null && (a.scopeid ?? 0) === 0)
      .map((a) => ({ name, address: a.address, prefix: Number(a.cidr?.split('/')[1]) })),
  );
}
