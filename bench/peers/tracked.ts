import { nftPeer } from './nft.ts';

/** As `direct`, through what a stateful firewall does at least: conntrack looks at every packet. */
export const tracked = nftPeer({
  title: 'direct, tracked',
  setting:
    'no balancer, and one rule that accepts by the state of the connection, as a stateful firewall has',
  addresses: (site) => site.servers,
  chains: () => [
    { hook: 'type filter hook forward priority filter', rule: 'ct state established,related accept' },
  ],
});
