import { PORTS } from '../addresses.ts';
import { nftPeer } from './nft.ts';

/** What an administrator would write by hand: the kernel's translation and nothing else, no checks, no counts. */
export const nftables = nftPeer({
  title: 'nftables round robin',
  setting: 'two rules: dnat to `numgen inc` of the servers, and masquerade',
  addresses: (site) => [site.vip],
  chains: ({ vip, servers }) => {
    const turns = servers.map((address, i) => `${i} : ${address}`).join(', ');
    const to = `numgen inc mod ${servers.length} map { ${turns} }`;
    const ports = Object.values(PORTS).join(', ');
    return [
      {
        hook: 'type nat hook prerouting priority dstnat',
        rule: `ip daddr ${vip} tcp dport { ${ports} } dnat to ${to}`,
      },
      { hook: 'type nat hook postrouting priority srcnat', rule: 'oifname "servers" masquerade' },
    ];
  },
});
