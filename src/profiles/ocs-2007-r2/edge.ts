/** Consolidated Edge Servers of Office Communications Server 2007 R2: one internal VIP, and an external one for each service. */
import { OCS_EDGE, OCS_PORTS, OCS_REQUIREMENTS, OWN } from '../documents.ts';
import type { NeverBalanced, Profile, ProfilePort, Ruled } from '../profile.ts';
import {
  IDLE_AND_INTERVAL,
  NO_DIRECT_RETURN,
  NOT_A_HARDWARE_BALANCER,
  OCS_SUPPORT,
  SIP_IDLE,
} from './common.ts';

const TITLE = 'Office Communications Server 2007 R2, Edge Servers';
const FIREWALL = `${OCS_EDGE}; ${OCS_PORTS}`;

const COMMON = {
  product: 'ocs-2007-r2',
  support: OCS_SUPPORT,
  scheduler: { value: 'wlc', source: `${OCS_REQUIREMENTS} (recommended)` },
  nat: { value: 'full', source: `${OCS_REQUIREMENTS}; ${OCS_EDGE} (full or half, for each VIP)` },
  refusedNat: { none: NO_DIRECT_RETURN },
  notes: [
    {
      text: 'Half-NAT is as good as full NAT here, where the balancer is the way back from the servers to their clients.',
      source: `${OCS_REQUIREMENTS}; ${OCS_EDGE}`,
      rule: 'R26',
    },
    {
      text: 'Both sides of an array of Edge Servers are balanced, and each service has a VIP of its own on the external side.',
      source: OCS_EDGE,
      rule: 'R28',
    },
    NOT_A_HARDWARE_BALANCER,
  ],
} as const satisfies Partial<Profile>;

const PUBLIC: Ruled<true> = {
  value: true,
  rule: 'R27',
  source: `${OCS_REQUIREMENTS}; ${OCS_EDGE} (the external address of each A/V Edge Server)`,
};

const WEB_CONFERENCING_DIRECT: NeverBalanced = {
  port: 8057,
  rule: 'R53',
  value: 'Web conferencing from the pool, which connects to every Edge Server',
  source: OCS_EDGE,
};

const MEDIA: readonly NeverBalanced[] = [
  {
    port: 50_000,
    portEnd: 59_999,
    rule: 'R27',
    value: 'media, to the own address of each server',
    source: OCS_PORTS,
  },
];

const AV_PORTS: readonly ProfilePort[] = [
  { port: 443, protocol: 'stun', purpose: 'STUN and media over TCP', need: 'required', source: FIREWALL },
  {
    port: 3478,
    transport: 'udp',
    protocol: 'stun',
    purpose: 'STUN and media over UDP',
    need: 'required',
    source: FIREWALL,
  },
];

const internal: Profile = {
  name: 'ocs-2007-r2/edge-internal',
  role: 'load-balancer-edge-internal',
  title: `${TITLE}, internal side`,
  description:
    'What the pool and its clients ask of Edge Servers: Access Edge and A/V Edge. Web conferencing goes to each server by its own ' +
    'name and is not balanced here.',
  ...COMMON,
  edge: 'internal',
  options: {},
  ports: [
    {
      port: 5061,
      protocol: 'sips',
      purpose: 'SIP over TLS (Access Edge)',
      need: 'required',
      source: FIREWALL,
    },
    {
      port: 5062,
      protocol: 'sips',
      purpose: 'Authentication of A/V users',
      need: 'required',
      source: FIREWALL,
    },
    ...AV_PORTS,
  ],
  checks: [5061, 5062, 443].map((port) => ({
    type: 'tcp',
    port,
    source: `${OWN}: the TCP ports of this VIP`,
  })),
  idleTimeout: SIP_IDLE,
  neverBalanced: [WEB_CONFERENCING_DIRECT],
  limits: { ...IDLE_AND_INTERVAL, checkOneOf: [] },
};

const access: Profile = {
  name: 'ocs-2007-r2/edge-external-access',
  role: 'load-balancer-edge-external-access',
  title: `${TITLE}, external side: Access Edge`,
  description: 'SIP of remote users and of federated partners.',
  ...COMMON,
  edge: 'external',
  options: {},
  ports: [
    {
      port: 443,
      protocol: 'sips',
      purpose: 'SIP over TLS of remote users',
      need: 'required',
      source: FIREWALL,
    },
    {
      port: 5061,
      protocol: 'sips',
      purpose: 'SIP over TLS of federated partners and remote users',
      need: 'required',
      source: FIREWALL,
    },
  ],
  checks: [443, 5061].map((port) => ({ type: 'tcp', port, source: `${OWN}: the ports of this VIP` })),
  idleTimeout: SIP_IDLE,
  limits: { ...IDLE_AND_INTERVAL, checkOneOf: [] },
};

const webConferencing: Profile = {
  name: 'ocs-2007-r2/edge-external-web-conferencing',
  role: 'load-balancer-edge-external-web-conferencing',
  title: `${TITLE}, external side: Web Conferencing Edge`,
  description: 'Content of conferences, from clients outside.',
  ...COMMON,
  edge: 'external',
  options: {},
  ports: [
    {
      port: 443,
      protocol: 'psom',
      purpose: 'Conference content over TLS',
      need: 'required',
      source: FIREWALL,
    },
  ],
  checks: [{ type: 'tcp', port: 443, source: `${OWN}: the port of this VIP` }],
  neverBalanced: [WEB_CONFERENCING_DIRECT],
};

const av: Profile = {
  name: 'ocs-2007-r2/edge-external-av',
  role: 'load-balancer-edge-external-av',
  title: `${TITLE}, external side: A/V Edge`,
  description:
    'Audio and video from outside: STUN through the VIP, and media also to the own address of each server, which is public and ' +
    'never translated.',
  ...COMMON,
  edge: 'external',
  options: {},
  ports: AV_PORTS,
  checks: [{ type: 'tcp', port: 443, source: `${OWN}: the TCP port of this VIP` }],
  neverBalanced: MEDIA,
  publicServers: PUBLIC,
  notes: [
    {
      text: 'With half-NAT STUN tells clients their own address, with full NAT that of the balancer.',
      source: 'RFC 5389',
      rule: 'R27',
    },
    ...COMMON.notes,
  ],
};

export const OCS_2007_R2_EDGE: readonly Profile[] = [internal, access, webConferencing, av];
