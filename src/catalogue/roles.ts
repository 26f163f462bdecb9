/** The roles of the catalogue: servers, load balancers in front of them, and clients. */
interface RoleEntry {
  readonly title: string;
  /** Other names that people and documents use; several roles may share one. */
  readonly also: readonly string[];
  /** Of a load balancer: the servers behind it. */
  readonly servers?: string;
  /** Of a load balancer: which of their ports are reached past it; those that never are balanced if not given. */
  readonly past?: 'none' | 'all-others';
}

export const ROLES = {
  'front-end': { title: 'Front End Server', also: ['front-end-servers'] },
  'load-balancer-front-end': {
    title: 'Load balancer for Front End Servers',
    also: [
      'load-balancer-for-front-end-servers',
      'enterprise-pool',
      'front-end-hlb',
      'front-end-load-balancer',
    ],
    servers: 'front-end',
  },
  'load-balancer-front-end-dns-lb': {
    title: 'Load balancer for the web services of Front End Servers that DNS balances',
    also: ['front-end-dns-lb'],
    servers: 'front-end',
    past: 'all-others',
  },
  director: { title: 'Director', also: ['directors'] },
  'load-balancer-director': {
    title: 'Load balancer for Directors',
    also: ['load-balancer-for-director', 'director-hlb', 'director-load-balancer'],
    servers: 'director',
  },
  'load-balancer-director-dns-lb': {
    title: 'Load balancer for the web services of Directors that DNS balances',
    also: ['director-dns-lb'],
    servers: 'director',
    past: 'all-others',
  },
  cwa: {
    title: 'Communicator Web Access Server',
    also: ['communicator-web-access', 'communicator-web-access-server'],
  },
  'group-chat': { title: 'Group Chat Server', also: ['group-chat-server', 'persistent-chat'] },
  monitoring: { title: 'Monitoring Server', also: ['monitoring-server'] },
  archiving: { title: 'Archiving Server', also: ['archiving-server'] },
  mediation: { title: 'Mediation Server', also: ['mediation-server', 'mediation-servers'] },
  'load-balancer-mediation': {
    title: 'Load balancer for Mediation Servers',
    also: ['mediation-load-balancer'],
    servers: 'mediation',
  },
  'office-web-apps': { title: 'Office Web Apps Server', also: ['office-web-apps-server', 'farm'] },
  'reverse-proxy': { title: 'Reverse proxy', also: [] },
  'edge-internal': { title: 'Edge Server, internal interface', also: ['edge', 'edge-server'] },
  'edge-external': { title: 'Edge Server, external interface', also: ['edge', 'edge-server'] },
  'load-balancer-edge-internal': {
    title: 'Load balancer for the internal interfaces of Edge Servers',
    also: ['load-balancer-edge', 'load-balancer-for-consolidated-edge-server', 'consolidated-edge'],
    servers: 'edge-internal',
  },
  'load-balancer-edge-external': {
    title: 'Load balancer for the external interfaces of consolidated Edge Servers, one VIP for all',
    also: ['load-balancer-edge', 'load-balancer-for-consolidated-edge-server', 'consolidated-edge'],
    servers: 'edge-external',
  },
  'load-balancer-edge-external-access': {
    title: 'Load balancer for Access Edge services',
    also: ['edge-external-access', 'access-edge'],
    servers: 'edge-external',
    past: 'none',
  },
  'load-balancer-edge-external-web-conferencing': {
    title: 'Load balancer for Web Conferencing Edge services',
    also: ['edge-external-web-conferencing', 'web-conferencing-edge'],
    servers: 'edge-external',
    past: 'none',
  },
  'load-balancer-edge-external-av': {
    title: 'Load balancer for A/V Edge services',
    also: ['edge-external-av', 'av-edge'],
    servers: 'edge-external',
  },
  'load-balancer-appliance': {
    title: 'The load balancer itself, as a vendor delivers it',
    also: ['appliance'],
  },
  communicator: { title: 'Office Communicator', also: ['office-communicator'] },
  'live-meeting': { title: 'Live Meeting 2007 client', also: ['live-meeting-2007-client'] },
  'communicator-mobile': {
    title: 'Communicator Mobile (2007 R2)',
    also: ['2007-r2-version-of-communicator-mobile'],
  },
  clients: { title: 'Clients', also: ['client'] },
} as const satisfies Record<string, RoleEntry>;

export type Role = keyof typeof ROLES;

export const ROLE_NAMES = Object.keys(ROLES) as readonly Role[];

/** The roles that go by this name, in any case and with blanks or hyphens; none: it is not a name of a role. */
export function rolesNamed(name: string): readonly Role[] {
  const wanted = name
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_]+/g, '-');
  return ROLE_NAMES.filter((role) => role === wanted || entry(role).also.includes(wanted));
}

/** Its own name first. */
export function namesOfRole(role: Role): readonly string[] {
  return [role, ...entry(role).also];
}

/** The servers behind a load balancer; of any other role the role itself. */
export function serversOf(role: Role): Role {
  return (entry(role).servers ?? role) as Role;
}

/** Which ports of the servers are reached past this load balancer. */
export function pastOf(role: Role): 'none' | 'never-balanced' | 'all-others' {
  return entry(role).past ?? 'never-balanced';
}

function entry(role: Role): RoleEntry {
  return ROLES[role];
}
