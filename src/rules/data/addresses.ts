/** R1 to R5: the VIP, its name, its ports. */
import { poolName } from '../lint/names.ts';
import { allPorts, oneVip } from '../lint/ports.ts';
import type { Rule } from '../rule.ts';
import { FIELD, GUIDE, PORTS, REQUIREMENTS, WALKTHROUGH } from '../sources.ts';
import { ALL } from './products.ts';
import { LEAST, NAMED } from './samples.ts';

export const ADDRESS_RULES: readonly Rule[] = [
  {
    id: 'R1',
    title: 'The VIP answers ARP',
    why: 'Clients and routers of its network find it by ARP. Two machines that answer for one address, or none, look like a server that is down now and then.',
    sources: [REQUIREMENTS],
    products: ALL,
    severity: 'warning',
    how: ['built-in', 'probe'],
    checked:
      'With `topology.interface` Poolgate looks for another machine with the address, adds it and announces it. On the network: one answer, from one MAC.',
    hint: 'Name the interface: `topology: { interface: eth0 }`.',
    sample: `topology: { interface: eth0 }
${LEAST}`,
  },
  {
    id: 'R2',
    title: 'The VIP is a static address',
    why: 'It stands in DNS and in the caches of clients; a lease that moves takes the pool away.',
    sources: [REQUIREMENTS],
    products: ALL,
    severity: 'warning',
    how: ['probe', 'manual'],
    checked:
      'The address is there for good (`ip address` shows `valid_lft forever`), and the network administrator has set it aside.',
    hint: 'Have the address reserved, outside every DHCP range.',
    sample: null,
  },
  {
    id: 'R3',
    title: 'The pool FQDN is one DNS entry, that of the VIP',
    why: 'Clients and servers know the pool by its name. A second address behind it is a way around the balancer. Pools that DNS balances are another matter: their name has all servers, and only their web services have a VIP.',
    sources: [REQUIREMENTS],
    products: ALL,
    severity: 'warning',
    how: ['lint', 'probe'],
    checked:
      '`fqdn` of a pool is a full name, no server and no other pool has it, and the pool has one VIP of each family. On the network: every resolver gives exactly the VIP.',
    hint: 'Write the name that the A record of the VIP has, and give servers names of their own.',
    sample: NAMED,
    lint: poolName,
  },
  {
    id: 'R4',
    title: 'All ports of a pool are on one VIP',
    why: 'Clients and servers get one name and dial many ports of it; the name has one address.',
    sources: [REQUIREMENTS],
    products: ALL,
    severity: 'warning',
    how: ['lint'],
    checked:
      'Of the VIPs that lead to a pool at least one has every port that its profile requires, and the others do not share them out among themselves.',
    hint: 'Give the virtual services of this pool one `vip`, or leave out `ports` to have all of them on each.',
    sample: LEAST,
    lint: oneVip,
  },
  {
    id: 'R5',
    title: 'The VIP has every port that the product needs',
    why: 'Each port is a feature: without 8404, 5071 or 5072 sign-in works and response groups or the attendant do not, which is found weeks later.',
    sources: [REQUIREMENTS, PORTS, FIELD, GUIDE, WALKTHROUGH],
    products: ALL,
    severity: 'warning',
    how: ['lint', 'probe'],
    checked:
      'The ports that the profile requires are on a VIP of the pool, and lead to the same ports of the servers or to those that the profile names; recommended ones that are missing are told as information. On the network: each port answers as a server itself does.',
    hint: 'Leave out `ports` to have those of the profile, or add what is missing.',
    sample: LEAST,
    lint: allPorts,
  },
];
