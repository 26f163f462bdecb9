/** A config for each profile that runs as it is: one pool and one VIP where that is a whole deployment, else what belongs together. */
import { checksText, portsText } from './describe.ts';
import type { Profile } from './profile.ts';

/** One pool and the service in front of it. */
interface Piece {
  readonly name: string;
  readonly profile: string;
  readonly vip: string;
  readonly servers: readonly string[];
  /** What the servers are called; absent: as the pool. */
  readonly host?: string;
  readonly fqdn?: string;
  /** Further keys of the pool and of the service, in flow style. */
  readonly pool?: string;
  readonly service?: string;
  /** What stands above the service. */
  readonly comment?: string;
}

interface Plan {
  readonly about: readonly string[];
  /** Lines before the pools. */
  readonly head?: readonly string[];
  readonly pieces: readonly Piece[];
}

/** @param schema path of the JSON Schema for editors, from where the config stands; null: without */
export function exampleOf(profile: Profile, schema: string | null): string {
  const { about, head = [], pieces } = planOf(profile);
  return `${[
    `# ${profile.title}.`,
    ...about.map((line) => `# ${line}`),
    ...supplied(profile),
    ...(schema === null ? [] : [`# yaml-language-server: $schema=${schema}`]),
    'version: 1',
    ...head,
    'pools:',
    ...pieces.flatMap(poolLines),
    'virtualServices:',
    ...pieces.flatMap(serviceLines),
  ].join('\n')}\n`;
}

function supplied(profile: Profile): readonly string[] {
  const own = profile.ports.length > 0;
  return [
    ...(own
      ? [`# From the profile: ports ${portsText(profile)};`, `# health checks ${checksText(profile)}.`]
      : []),
    `# All of it: poolgate profiles show ${profile.name}`,
  ];
}

function poolLines({ name, profile, servers, host = name, fqdn, pool }: Piece): string[] {
  return [
    `  - name: ${name}`,
    `    profile: ${profile}`,
    ...(fqdn === undefined ? [] : [`    fqdn: ${fqdn}`]),
    ...(pool === undefined ? [] : [`    ${pool}`]),
    '    realServers:',
    ...servers.map((address, i) => `      - { name: ${host}0${i + 1}, address: ${address} }`),
  ];
}

function serviceLines({ name, vip, service, comment }: Piece): string[] {
  const more = service === undefined ? '' : `, ${service}`;
  return [
    ...(comment === undefined ? [] : [`  # ${comment}`]),
    `  - { name: ${name}, vip: ${vip}, pool: ${name}${more} }`,
  ];
}

const INSIDE = ['10.0.0.41', '10.0.0.42'] as const;
const POOL = { vip: '10.0.0.40', servers: INSIDE } as const;

/** The part of a profile's name after the product. */
const PLANS: Readonly<Record<string, (profile: Profile) => Plan>> = {
  'enterprise-pool': one('fe', 'ocspool.contoso.com'),
  'front-end': one('fe', 'lyncpool.contoso.com'),
  'front-end-hlb': one('fe', 'pool.contoso.com'),
  'front-end-dns-lb': one('web', 'pool.contoso.com'),
  director: one('dir', 'dirpool.contoso.com'),
  'director-hlb': one('dir', 'dirpool.contoso.com'),
  'director-dns-lb': one('dir', 'dirpool.contoso.com'),
  cwa: one('cwa', 'im.contoso.com'),
  farm: one('owa', 'officewebapps.contoso.com'),
  'edge-internal': edgeInternal,
  'edge-external-access': edgeExternal,
  'edge-external-web-conferencing': (profile) => edgeAlone(profile, WEB_CONFERENCING),
  'edge-external-av': (profile) => edgeAlone(profile, AV),
  'reverse-proxy': publishing,
  tcp: generic('app', 'ports: [1433]'),
  udp: generic('dns', 'ports: [{ port: 53, protocol: udp }]', 'healthChecks: [{ type: tcp, port: 53 }]'),
  sip: generic('sip'),
  sips: generic('sips'),
  https: generic('web'),
  http: generic('web'),
  rdp: generic('desktop'),
  stun: generic('stun'),
};

function planOf(profile: Profile): Plan {
  const role = profile.name.split('/').at(-1) ?? '';
  const plan = PLANS[role];
  if (!plan) throw new Error(`There is no example for ${profile.name}`);
  return plan(profile);
}

function one(name: string, fqdn: string): (profile: Profile) => Plan {
  return (profile) => ({
    about: ['One pool behind one VIP is all of it.'],
    pieces: [{ ...POOL, name, fqdn, profile: profile.name }],
  });
}

function generic(name: string, service?: string, pool?: string): (profile: Profile) => Plan {
  return (profile) => ({
    about: [],
    pieces: [
      { ...POOL, name, profile: profile.name, ...(service ? { service } : {}), ...(pool ? { pool } : {}) },
    ],
  });
}

function sibling({ name }: Profile, role: string): string {
  return `${name.split('/')[0]}/${role}`;
}

function publishing(profile: Profile): Plan {
  return {
    about: [
      'The web services for clients within and for those outside, each with a VIP, on the same servers. SIP is balanced by DNS.',
    ],
    pieces: [
      {
        ...POOL,
        name: 'within',
        host: 'fe',
        profile: sibling(profile, 'front-end-dns-lb'),
        pool: 'options: { externalWeb: false }',
        comment: 'What clients within dial.',
      },
      {
        name: 'outside',
        host: 'fe',
        profile: profile.name,
        vip: '10.0.0.50',
        servers: INSIDE,
        comment:
          'What the reverse proxy dials, or clients outside: 443 goes to 4443 of the servers, 80 to 8080.',
      },
    ],
  };
}

function twoArmed(serverAddress: string): readonly string[] {
  return [
    'dataPlane: kernel',
    'topology:',
    '  mode: two-armed',
    '  clientInterface: eth0',
    '  serverInterface: eth1',
    `  serverAddress: ${serverAddress} # the servers' default gateway`,
  ];
}

const KEEPS_CLIENTS =
  'Servers see the addresses of their clients, so that answers must come back through the balancer: two arms, the kernel data plane.';

function edgeInternal(profile: Profile): Plan {
  const half = profile.nat?.value === 'half';
  const servers = half ? ['172.16.0.11', '172.16.0.12'] : ['10.0.0.61', '10.0.0.62'];
  return {
    about: [
      'Web conferencing is not balanced here: the pool finds each Edge Server by its own name.',
      ...(half ? [KEEPS_CLIENTS] : []),
    ],
    ...(half ? { head: twoArmed('172.16.0.1/24') } : {}),
    pieces: [{ name: 'edge', fqdn: 'edge.contoso.com', profile: profile.name, vip: '10.0.0.60', servers }],
  };
}

const ACCESS = { name: 'access', fqdn: 'sip.contoso.com', last: 10, role: 'edge-external-access' } as const;
const WEB_CONFERENCING = {
  name: 'webconf',
  fqdn: 'webconf.contoso.com',
  last: 20,
  role: 'edge-external-web-conferencing',
} as const;
const AV = { name: 'av', fqdn: 'av.contoso.com', last: 30, role: 'edge-external-av' } as const;

type Service = typeof ACCESS | typeof WEB_CONFERENCING | typeof AV;

/** Public addresses, of which the documentation has three networks (RFC 5737). */
function edgePiece(profile: Profile, { name, fqdn, last, role }: Service, routed: boolean): Piece {
  const network = routed ? '203.0.113' : '198.51.100';
  const servers = [1, 2].map((n) => `${network}.${last + n}`);
  return { name, host: 'edge', fqdn, profile: sibling(profile, role), vip: `198.51.100.${last}`, servers };
}

function keepsClients({ product }: Profile): boolean {
  return product !== 'ocs-2007-r2';
}

/** All three services, because none of them is of use alone. */
function edgeExternal(profile: Profile): Plan {
  const routed = keepsClients(profile);
  return {
    about: [
      'The external side as a whole: each service has a VIP and addresses of its own on the same two servers.',
      ...(routed ? [`A/V: ${KEEPS_CLIENTS}`] : []),
    ],
    ...(routed ? { head: twoArmed('203.0.113.1/24') } : {}),
    pieces: [ACCESS, WEB_CONFERENCING, AV].map((service) => edgePiece(profile, service, routed)),
  };
}

function edgeAlone(profile: Profile, service: Service): Plan {
  const routed = profile.nat?.value === 'half';
  return {
    about: [
      `This service alone; the example of ${sibling(profile, ACCESS.role)} has all three.`,
      ...(routed ? [KEEPS_CLIENTS] : []),
    ],
    ...(routed ? { head: twoArmed('203.0.113.1/24') } : {}),
    pieces: [edgePiece(profile, service, routed)],
  };
}
