/** Front End pools: all ports by the load balancer, or the web services alone where DNS balances the rest. */
import type { Profile, ProfilePort } from '../profile.ts';
import { frontEndCheck, idle, idleLimit, internalNat, notQualified, type Product } from './product.ts';
import { externalWeb, externalWebOption, internalWeb, webNotes } from './web-ports.ts';

type Row = readonly [port: number, protocol: ProfilePort['protocol'], purpose: string, option?: string];

const ROWS: readonly Row[] = [
  [5061, 'sips', 'SIP over TLS, from clients and servers'],
  [444, 'https', 'Conference state to conferencing servers'],
  [135, 'rpc', 'Moving users and other remote administration over DCOM'],
  [5071, 'sip', 'SIP for Response Group'],
  [5072, 'sip', 'SIP for Conferencing Attendant'],
  [5073, 'sip', 'SIP for Conferencing Announcement'],
  [5075, 'sip', 'SIP for Call Park'],
  [5076, 'sip', 'SIP for the Audio Test'],
  [
    5080,
    'other',
    'Call admission control: Bandwidth Policy Service, for media by the Edge',
    'callAdmissionControl',
  ],
  [448, 'other', 'Call admission control: Bandwidth Policy Service', 'callAdmissionControl'],
  [5070, 'sip', 'SIP for a Mediation Server on the Front End Servers', 'collocatedMediation'],
  [5060, 'sip', 'SIP over TCP, for static routes to trusted services', 'plainSip'],
];

export function frontEndHlb(product: Product): Profile {
  const { name, title, support, ports: source } = product;
  const { checkOneOf, ...checked } = frontEndCheck(product);
  return {
    name: `${name}/front-end-hlb`,
    role: 'load-balancer-front-end',
    title: `${title}, Front End pool, load balancer for all ports`,
    description:
      'Front End Servers behind one VIP, by which clients reach SIP and web services alike. For pools without DNS load balancing.',
    product: name,
    support,
    options: {
      callAdmissionControl: {
        default: true,
        description: 'Whether calls are admitted by bandwidth: 448, 5080.',
        source,
      },
      collocatedMediation: {
        default: false,
        description: 'Whether the Front End Servers are Mediation Servers too: 5070.',
        source,
      },
      plainSip: {
        default: false,
        description:
          'SIP without TLS, for static routes to trusted services such as remote call control: 5060.',
        source: `${source} (5060 is optional, and the product itself no longer uses it)`,
      },
      externalWeb: externalWebOption(product),
    },
    ports: [...ROWS.map((row) => portOf(row, source)), ...internalWeb(product), ...externalWeb(product)],
    ...checked,
    ...idle(product),
    ...internalNat(product),
    oneVip: { value: true, rule: 'R4', source },
    neverBalanced: [
      { port: 5062, rule: 'R25', value: 'IM conferencing', source },
      { port: 5063, rule: 'R25', value: 'A/V conferencing', source },
      { port: 8057, rule: 'R25', value: 'Web conferencing', source },
    ],
    limits: { ...idleLimit(product), checkOneOf },
    notes: [...webNotes(product), notQualified(product)],
  };
}

export function frontEndDns(product: Product): Profile {
  const { name, title, support, balancing } = product;
  const { checkOneOf, ...checked } = frontEndCheck(product);
  return {
    name: `${name}/front-end-dns-lb`,
    role: 'load-balancer-front-end-dns-lb',
    title: `${title}, Front End pool with DNS load balancing: the web services`,
    description:
      'DNS balances SIP, and this VIP the web services alone, which DNS cannot balance. The pool has two names: that of the pool, ' +
      'with the addresses of all servers, and that of the web services, with this VIP.',
    product: name,
    support,
    options: { externalWeb: externalWebOption(product) },
    ports: [...internalWeb(product), ...externalWeb(product)],
    ...checked,
    ...idle(product),
    ...internalNat(product),
    limits: { ...idleLimit(product), checkOneOf },
    notes: [
      {
        text: 'The name of the external web services is unique to the pool and another one than that of the pool.',
        source: balancing,
        rule: 'R60',
      },
      ...webNotes(product),
      notQualified(product),
    ],
  };
}

function portOf([port, protocol, purpose, option]: Row, source: string): ProfilePort {
  const common = { port, protocol, purpose, source };
  return option === undefined ? { ...common, need: 'required' } : { ...common, need: 'optional', option };
}
