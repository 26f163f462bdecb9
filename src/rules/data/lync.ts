/** R50 to R60: what Microsoft says of Lync Server and Skype for Business Server. */
import { bothSides } from '../lint/edge.ts';
import { told } from '../lint/facts.ts';
import { webName } from '../lint/names.ts';
import { wishes } from '../lint/persistence.ts';
import { mappedPorts } from '../lint/ports.ts';
import type { Rule } from '../rule.ts';
import { LYNC_BALANCER, LYNC_DNS, LYNC_EDGE, LYNC_PROXY, SFB_BALANCER, SFB_EDGE } from '../sources.ts';
import { ALL, LYNC_2013_ON, LYNC_ON } from './products.ts';

export const LYNC_RULES: readonly Rule[] = [
  {
    id: 'R50',
    title: 'Both interfaces of an Edge array are balanced in the same way',
    why: 'With a VIP on one side and DNS on the other the servers count and fail over differently inside and outside.',
    sources: [LYNC_EDGE, SFB_EDGE],
    products: LYNC_ON,
    severity: 'warning',
    how: ['lint', 'manual'],
    checked:
      'Where a config has the inside and the outside of one product, by Edge profiles, both have the same servers (by `fqdn`, else by name). Where it has one side alone, a person sees to the other.',
    hint: 'Put every Edge Server into the pools of both sides.',
    sample: `pools:
  - name: inside
    profile: lync-2013/edge-internal
    realServers: [{ name: edge01, address: 10.0.1.41 }, { name: edge02, address: 10.0.1.42 }]
  - name: access
    profile: lync-2013/edge-external-access
    realServers: [{ name: edge01, address: 203.0.113.41 }, { name: edge02, address: 203.0.113.42 }]
virtualServices:
  - { name: inside, vip: 10.0.1.40, pool: inside, nat: full }
  - { name: access, vip: 203.0.113.40, pool: access }
`,
    lint: bothSides,
  },
  {
    id: 'R51',
    title: 'Small packets are not held back on 443 and the media ports',
    why: "Nagle's algorithm waits for an acknowledgement before it sends the next small packet; voice over TCP hears it.",
    sources: [LYNC_BALANCER, LYNC_EDGE],
    products: LYNC_ON,
    severity: 'info',
    how: ['built-in'],
    checked:
      'The proxy data plane sets TCP_NODELAY on both ends of every connection; the kernel one passes packets as they are.',
    hint: 'Nothing to do.',
    sample: null,
  },
  {
    id: 'R52',
    title: 'The A/V Edge sees the address of the client',
    why: 'Media is negotiated with the addresses that the two ends see. Behind a translated source address a call is set up and stays silent.',
    sources: [LYNC_EDGE, SFB_BALANCER],
    products: LYNC_ON,
    severity: 'error',
    how: ['lint', 'probe'],
    checked:
      '`nat` in effect, where the profile refuses full-NAT. From outside: a STUN answer has the address of the one who asked.',
    hint: 'Write `nat: half`, with two arms and the balancer as the default gateway of the servers, or leave it out.',
    sample: `topology: { mode: two-armed, clientInterface: eth0, serverInterface: eth1, serverAddress: 203.0.113.65/28 }
pools:
  - name: av
    profile: lync-2013/edge-external-av
    realServers: [{ name: edge01, address: 203.0.113.66 }, { name: edge02, address: 203.0.113.67 }]
virtualServices:
  - { name: av, vip: 198.51.100.60, pool: av }
`,
    lint: told('R52'),
  },
  {
    id: 'R53',
    title:
      'What goes to one certain server is not balanced, such as Web Conferencing and XMPP inside the Edge',
    why: 'A meeting lives on one Edge Server, and its address is in the invitation; a VIP leads half of the people to the other one.',
    sources: [LYNC_EDGE, SFB_EDGE],
    products: ALL,
    severity: 'warning',
    how: ['lint'],
    checked: '`ports` of a service against the ports that its profile says are never balanced.',
    hint: 'Take the port off the VIP; clients and servers reach it on the servers themselves.',
    sample: `pools:
  - name: inside
    profile: lync-2013/edge-internal
    realServers: [{ name: edge01, address: 10.0.1.41 }, { name: edge02, address: 10.0.1.42 }]
virtualServices:
  - { name: inside, vip: 10.0.1.40, pool: inside, nat: full }
`,
    lint: told('R53'),
  },
  {
    id: 'R54',
    title: 'Web VIPs are checked by 5061 of their servers',
    why: 'A web site that answers on a server whose SIP service is gone serves clients that cannot sign in.',
    sources: [LYNC_BALANCER, SFB_BALANCER],
    products: LYNC_2013_ON,
    severity: 'warning',
    how: ['lint'],
    checked: 'One of the health checks in effect is of a port that the profile asks for by this rule.',
    hint: 'Add `{ type: tcp, port: 5061 }`, or remove `healthChecks` to get those of the profile.',
    sample: `pools:
  - name: web
    profile: lync-2013/reverse-proxy
    healthChecks: [{ type: tcp, port: 5061 }]
    realServers: [{ name: fe01, address: 10.0.0.41 }, { name: fe02, address: 10.0.0.42 }]
virtualServices:
  - { name: web, vip: 10.0.0.50, pool: web }
`,
    lint: told('R54'),
  },
  {
    id: 'R55',
    title: 'Web of the inside has persistence by source address, web of the outside has none',
    why: 'Inside, a client is an address. Outside, all come by the reverse proxy, and persistence would give all of them one server.',
    sources: [LYNC_BALANCER, SFB_BALANCER],
    products: LYNC_ON,
    severity: 'warning',
    how: ['lint'],
    checked: '`persistence` in effect against what the profile asks for on the ports of the service.',
    hint: 'Leave out `persistence` to have what the profile says.',
    sample: `pools:
  - name: web
    profile: lync-2013/front-end-dns-lb
    options: { externalWeb: false }
    realServers: [{ name: fe01, address: 10.0.0.41 }, { name: fe02, address: 10.0.0.42 }]
virtualServices:
  - { name: inside, vip: 10.0.0.50, pool: web, ports: [80, 443], persistence: { type: source-ip } }
`,
    lint: wishes('R55'),
  },
  {
    id: 'R56',
    title:
      'Cookies, if any, are MS-WSMAN, without HttpOnly and expiry, in every answer whose request had none',
    why: 'Clients of mobility in Lync Server 2010 need them; since 2013 they do not.',
    sources: [LYNC_BALANCER],
    products: LYNC_ON,
    severity: 'info',
    how: ['manual'],
    checked:
      'Poolgate passes TLS through and sets no cookies. Where 2010 pools remain, the reverse proxy in front has to.',
    hint: 'Configure them on the reverse proxy.',
    sample: null,
  },
  {
    id: 'R57',
    title: 'The Host header reaches the servers as the client wrote it',
    why: 'The servers tell their sites apart by it.',
    sources: [LYNC_PROXY],
    products: LYNC_ON,
    severity: 'info',
    how: ['built-in', 'probe'],
    checked: 'Poolgate does not read or write HTTP. The reverse proxy in front must keep it too.',
    hint: 'On the reverse proxy: forward the original host header.',
    sample: null,
  },
  {
    id: 'R58',
    title: 'Web from outside goes from 443 to 4443 and from 80 to 8080',
    why: 'The servers know by the port that a request comes from outside, and offer it other things.',
    sources: [LYNC_PROXY, LYNC_BALANCER],
    products: LYNC_ON,
    severity: 'warning',
    how: ['lint'],
    checked: 'A port of the VIP that the profile maps to another one of the servers leads there.',
    hint: 'Write `{ port: 443, serverPort: 4443 }` and `{ port: 80, serverPort: 8080 }`, or leave out `ports`.',
    sample: `pools:
  - name: web
    profile: lync-2013/reverse-proxy
    realServers: [{ name: fe01, address: 10.0.0.41 }, { name: fe02, address: 10.0.0.42 }]
virtualServices:
  - { name: web, vip: 10.0.0.50, pool: web, ports: [{ port: 443, serverPort: 4443 }, { port: 80, serverPort: 8080 }] }
`,
    lint: mappedPorts,
  },
  {
    id: 'R59',
    title: 'Mobile web traffic may be balanced request by request',
    why: 'Where cookies are used, several users can share a connection of the reverse proxy.',
    sources: [LYNC_BALANCER],
    products: LYNC_ON,
    severity: 'info',
    how: ['manual'],
    checked:
      'Poolgate balances connections. Since Lync Server 2013 that is enough; where 2010 pools remain, the reverse proxy has to do it.',
    hint: 'Let the reverse proxy open connections of their own for its clients.',
    sample: null,
  },
  {
    id: 'R60',
    title: 'The external web FQDN is its own: not that of the pool, nor of another pool',
    why: 'With DNS load balancing the pool name is all servers, the web name is the VIP; one name cannot be both.',
    sources: [LYNC_DNS, LYNC_BALANCER],
    products: LYNC_ON,
    severity: 'warning',
    how: ['lint', 'probe'],
    checked: '`fqdn` of a pool whose profile is for web alone is not that of another pool.',
    hint: 'Write the name that the external web services have in the topology, such as webext.contoso.com.',
    sample: `pools:
  - name: web
    profile: lync-2013/reverse-proxy
    fqdn: webext.contoso.com
    realServers: [{ name: fe01, address: 10.0.0.41 }, { name: fe02, address: 10.0.0.42 }]
virtualServices:
  - { name: web, vip: 10.0.0.50, pool: web }
`,
    lint: webName,
  },
];
