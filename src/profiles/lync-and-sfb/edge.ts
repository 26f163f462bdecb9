/** Consolidated Edge Servers with load balancers on both sides. No SNAT on A/V. */
import { OWN } from '../documents.ts';
import type { Profile, ProfilePort, Ruled } from '../profile.ts';
import { idle, idleLimit, noDirectReturn, notQualified, type Product } from './product.ts';

export function edgeProfiles(product: Product): readonly Profile[] {
  return [internal(product), access(product), webConferencing(product), av(product)];
}

function common(product: Product, side: 'internal' | 'external') {
  const { name, support, balancing, edge } = product;
  return {
    product: name,
    support,
    edge: side,
    refusedNat: { none: noDirectReturn(product) },
    notes: [
      {
        text: 'Both sides of Edge Servers are balanced in the same way: by load balancers, or by DNS.',
        source: balancing,
        rule: 'R50',
      },
      {
        text: 'The two sides are different networks, with no routing between them.',
        source: `${balancing}; ${edge}`,
      },
      notQualified(product),
    ],
  } as const satisfies Partial<Profile>;
}

function title({ title: product }: Product, what: string): string {
  return `${product}, Edge Servers, ${what}`;
}

function publicServers({ balancing }: Product): Ruled<true> {
  return {
    value: true,
    rule: 'R27',
    source: `${balancing}: with a load balancer no address of the external side is translated`,
  };
}

function avPorts({ edge: source }: Product): readonly ProfilePort[] {
  return [
    { port: 443, protocol: 'stun', purpose: 'STUN and media over TCP', need: 'required', source },
    {
      port: 3478,
      transport: 'udp',
      protocol: 'stun',
      purpose: 'STUN and media over UDP',
      need: 'required',
      source,
    },
  ];
}

function checksOn(ports: readonly number[]): Required<Pick<Profile, 'checks'>> {
  return {
    checks: ports.map((port) => ({ type: 'tcp', port, source: `${OWN}: the TCP ports of this VIP` })),
  };
}

function internal(product: Product): Profile {
  const { name, balancing, edge: source } = product;
  const base = common(product, 'internal');
  const direct = [
    [8057, 'Web conferencing, to every Edge Server'],
    [4443, 'replication of the configuration, to every Edge Server'],
    ...(product.xmpp ? ([[23_456, 'XMPP, to every Edge Server']] as const) : []),
  ] as const;
  return {
    ...base,
    name: `${name}/edge-internal`,
    role: 'load-balancer-edge-internal',
    title: title(product, 'internal side'),
    description:
      'What pool and clients ask of the Access Edge and the A/V Edge. Web conferencing and replication go to each server and are ' +
      'not balanced.',
    options: {},
    ports: [
      { port: 5061, protocol: 'sips', purpose: 'SIP over TLS (Access Edge)', need: 'required', source },
      { port: 5062, protocol: 'sips', purpose: 'Authentication of A/V users', need: 'required', source },
      ...avPorts(product),
    ],
    ...checksOn([5061, 5062, 443]),
    ...idle(product),
    nat: { value: 'half', source: `${balancing}: A/V Edge, the source address of the client is not changed` },
    neverBalanced: direct.map(([port, value]) => ({
      port,
      value,
      rule: 'R53',
      source: `${balancing}; ${source}`,
    })),
    nagleOff: { value: ['443'], rule: 'R51', source: balancing },
    notes: [
      {
        text: 'With `nat: full` all users of audio and video would seem to come from the balancer.',
        source: balancing,
        rule: 'R52',
      },
      ...base.notes,
    ],
    limits: { ...idleLimit(product), checkOneOf: [] },
  };
}

function access(product: Product): Profile {
  const { name, xmpp, edge: source } = product;
  const port = (number: number, purpose: string): ProfilePort => ({
    port: number,
    protocol: 'sips',
    purpose,
    need: 'required',
    source,
  });
  return {
    ...common(product, 'external'),
    name: `${name}/edge-external-access`,
    role: 'load-balancer-edge-external-access',
    title: title(product, 'external side: Access Edge'),
    description: 'SIP of remote users and of federated partners.',
    options: xmpp ? { xmpp: { default: false, description: 'Federation by XMPP: 5269.', source } } : {},
    ports: [
      port(443, 'SIP over TLS of remote users'),
      port(5061, 'SIP over TLS of federated partners'),
      ...(xmpp
        ? [
            {
              ...port(5269, 'XMPP of federated partners'),
              protocol: 'xmpp',
              need: 'optional',
              option: 'xmpp',
            } as const,
          ]
        : []),
    ],
    ...checksOn([443, 5061]),
    ...idle(product),
    nat: { value: 'full', source: `${source} (SNAT is allowed for Access Edge)` },
    publicServers: publicServers(product),
    limits: { ...idleLimit(product), checkOneOf: [] },
  };
}

function webConferencing(product: Product): Profile {
  const { name, edge: source } = product;
  return {
    ...common(product, 'external'),
    name: `${name}/edge-external-web-conferencing`,
    role: 'load-balancer-edge-external-web-conferencing',
    title: title(product, 'external side: Web Conferencing Edge'),
    description: 'Content of conferences, from clients outside.',
    options: {},
    ports: [
      { port: 443, protocol: 'psom', purpose: 'Conference content over TLS', need: 'required', source },
    ],
    ...checksOn([443]),
    ...idle(product),
    nat: { value: 'full', source: `${source} (SNAT is allowed for Web Conferencing Edge)` },
    publicServers: publicServers(product),
    limits: { ...idleLimit(product), checkOneOf: [] },
  };
}

function av(product: Product): Profile {
  const { name, balancing, edge: source } = product;
  const base = common(product, 'external');
  const media = (['tcp', 'udp'] as const).map((transport) => ({
    port: 50_000,
    portEnd: 59_999,
    transport,
    rule: 'R27' as const,
    value: 'media, to the own address of each server',
    source,
  }));
  return {
    ...base,
    name: `${name}/edge-external-av`,
    role: 'load-balancer-edge-external-av',
    title: title(product, 'external side: A/V Edge'),
    description:
      'Audio and video from outside: STUN through the VIP, and media to the own address of each server, which is public and never ' +
      'translated. Servers see their clients as they are.',
    options: {},
    ports: avPorts(product),
    ...checksOn([443]),
    ...idle(product),
    nat: { value: 'half', source: `${balancing}: the source address of the client is not changed` },
    refusedNat: {
      ...base.refusedNat,
      full: {
        rule: 'R52',
        why: 'A/V Edge needs the source address of its clients, which full NAT would replace',
        source: `${balancing}; ${source} (no SNAT on A/V)`,
      },
    },
    neverBalanced: media,
    publicServers: publicServers(product),
    nagleOff: { value: ['443', '50000-59999'], rule: 'R51', source: balancing },
    limits: { ...idleLimit(product), checkOneOf: [] },
  };
}
