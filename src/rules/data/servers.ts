/** R29 to R39: the servers themselves. */
import { oneAddress, serverNames } from '../lint/names.ts';
import { directory } from '../lint/topology.ts';
import type { Rule } from '../rule.ts';
import { FIELD, IIS_LOOPBACK, LYNC_CERTIFICATES, REQUIREMENTS, WALKTHROUGH } from '../sources.ts';
import { ALL, OCS } from './products.ts';
import { NAMED, TWO_ARMED } from './samples.ts';

export const SERVER_RULES: readonly Rule[] = [
  {
    id: 'R29',
    title: 'Servers of a pool reach each other without NAT',
    why: 'They call each other by RPC and answer to the address that they see.',
    sources: [WALKTHROUGH],
    products: OCS,
    severity: 'error',
    how: ['probe'],
    checked: 'A connection from one server to another has the address of the first as its peer.',
    hint: 'Put the servers in one network, or route between theirs without translation.',
    sample: null,
  },
  {
    id: 'R30',
    title: 'Servers reach the directory',
    why: 'Without Active Directory no service starts. With two arms the way there leads by the balancer.',
    sources: [WALKTHROUGH],
    products: ALL,
    severity: 'warning',
    how: ['lint', 'probe'],
    checked:
      'Where `topology.filter` is set, TCP 135 may pass from each server of a profile whose balancer routes. From each server: a connect to port 135 of a domain controller.',
    hint: 'Add `{ from: SERVERS, to: DOMAIN CONTROLLERS, protocol: tcp, ports: "135" }` to `topology.filter`.',
    sample: TWO_ARMED,
    lint: directory,
  },
  {
    id: 'R31',
    title: 'Each server has a static address that DNS has under its own name',
    why: 'The balancer knows servers by address, everyone else by name; one name for two servers, or two addresses for one, and they speak of different machines.',
    sources: [REQUIREMENTS, WALKTHROUGH, FIELD],
    products: ALL,
    severity: 'warning',
    how: ['lint', 'probe'],
    checked:
      'Where `fqdn` of a server is given it is a full name, and one address has one name in all pools. On the network: the A record of that name is the address.',
    hint: 'Write the name under which DNS has this address.',
    sample: NAMED,
    lint: serverNames,
  },
  {
    id: 'R32',
    title: 'Each server has one network adapter with one address',
    why: 'Services bind to one address, and a second adapter makes them answer from the wrong one. Edge Servers, with a network on either side, are the exception.',
    sources: [FIELD, REQUIREMENTS],
    products: ALL,
    severity: 'warning',
    how: ['lint', 'manual'],
    checked:
      'No `fqdn` of a server stands for two addresses, but for Edge profiles. On the server: one adapter, one address.',
    hint: 'Write each server once, with its one address.',
    sample: NAMED,
    lint: oneAddress,
  },
  {
    id: 'R33',
    title: "Each server's name is registered, and its address is reachable inside the enterprise",
    why: 'Clients are sent on to single servers by name.',
    sources: [FIELD, REQUIREMENTS],
    products: OCS,
    severity: 'warning',
    how: ['probe'],
    checked: 'The name resolves, and the address answers, from where clients are.',
    hint: 'Register the name, and route to the servers.',
    sample: null,
  },
  {
    id: 'R34',
    title: "Each server has a certificate of the domain's authority",
    why: 'TLS passes through the balancer: what clients see is the certificate of the server that they got.',
    sources: [REQUIREMENTS],
    products: OCS,
    severity: 'error',
    how: ['probe'],
    checked:
      'A handshake with 5061 of each server and of the VIP, and the chain. A health check of type `tls` with `verify` asks the same all the time.',
    hint: 'Request one for each server.',
    sample: `pools:
  - name: ocspool
    profile: ocs-2007-r2/enterprise-pool
    fqdn: ocspool.contoso.com
    healthChecks:
      - { type: tls, port: 5061, verify: true }
      - { type: tcp, port: 444 }
`,
  },
  {
    id: 'R35',
    title: 'The certificate names the pool, and as alternatives the pool, the server and sip.DOMAIN',
    why: 'Behind the VIP every server is the pool. Clients of today look at the alternative names alone, so the pool has to be among them too.',
    sources: [WALKTHROUGH, LYNC_CERTIFICATES],
    products: ALL,
    severity: 'error',
    how: ['probe'],
    checked:
      'Subject, alternative names, purpose and end of the certificate of each server, directly and through the VIP.',
    hint: 'Request it again with these names.',
    sample: null,
  },
  {
    id: 'R36',
    title: "Clients have the authority's root certificate",
    why: 'Without it they refuse the connection, and the balancer shows nothing but short connections.',
    sources: [REQUIREMENTS],
    products: OCS,
    severity: 'error',
    how: ['manual', 'probe'],
    checked: 'The chain of the servers ends in what a client trusts.',
    hint: 'Deploy it, by group policy in a domain.',
    sample: null,
  },
  {
    id: 'R37',
    title: 'Sign-in with TLS works at every single server',
    why: 'A pool of which one server refuses sign-ins fails for some people, some of the time.',
    sources: [REQUIREMENTS],
    products: OCS,
    severity: 'error',
    how: ['probe'],
    checked: 'A sign-in at each server by itself, before the VIP.',
    hint: 'Mend that server first, or set it to `admin: maint`.',
    sample: null,
  },
  {
    id: 'R38',
    title: 'There are test users that may use SIP',
    why: 'Nothing else shows that a sign-in works.',
    sources: [REQUIREMENTS],
    products: OCS,
    severity: 'info',
    how: ['manual'],
    checked: 'Somebody has made them in this pool.',
    hint: 'Make two, so that they can call each other.',
    sample: null,
  },
  {
    id: 'R39',
    title: "IIS on the servers accepts the pool's name as its own",
    why: 'Windows refuses a log-on of a machine to itself by another name (401.1), and servers ask the web sites of their own pool.',
    sources: [WALKTHROUGH, IIS_LOOPBACK],
    products: OCS,
    severity: 'warning',
    how: ['probe', 'manual'],
    checked: 'HTTPS from a server to the pool name is not answered with 401.1.',
    hint: 'Add the name to BackConnectionHostNames in the registry of each server.',
    sample: null,
  },
];
