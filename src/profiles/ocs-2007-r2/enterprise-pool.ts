/** Front End Servers of an Office Communications Server 2007 R2 Enterprise pool. */
import { OCS_FIELD, OCS_PORTS, OCS_REQUIREMENTS } from '../documents.ts';
import type { Profile } from '../profile.ts';
import {
  FRONT_END_DIRECT,
  IDLE_AND_INTERVAL,
  INTERNAL_NAT,
  NOT_A_HARDWARE_BALANCER,
  OCS_SUPPORT,
  SIP_IDLE,
} from './common.ts';

export const ocs2007R2EnterprisePool: Profile = {
  name: 'ocs-2007-r2/enterprise-pool',
  title: 'Office Communications Server 2007 R2, Enterprise pool',
  description:
    'Front End Servers behind one VIP. A server that fails one check gets no new connection on any port, because ' +
    'conferences need 5061 and 444 on the same servers.',
  product: 'ocs-2007-r2',
  role: 'load-balancer-front-end',
  support: OCS_SUPPORT,
  options: {
    plainSip: {
      default: 'unset',
      description:
        'SIP without TLS. Unset: 5060 is on the VIP and not checked. `true`: it is checked too, so a server that ' +
        'does not answer there is down. `false`: it is not on the VIP.',
      source: `${OCS_REQUIREMENTS} (checks of the ports that are active); ${OCS_FIELD} (5060 is mostly not used)`,
    },
    monitoringServer: {
      default: true,
      description: 'Whether the pool sends quality data to a Monitoring Server: 5069.',
      source: `${OCS_REQUIREMENTS}; ${OCS_FIELD} (needed only with a Monitoring Server)`,
    },
    deviceUpdate: {
      default: true,
      description: 'Whether desk phones fetch their updates by HTTP: 80.',
      source: `${OCS_PORTS} (web farm); ${OCS_FIELD} (phones do not update without it)`,
    },
  },
  ports: [
    {
      port: 5060,
      protocol: 'sip',
      purpose: 'SIP over TCP',
      need: 'optional',
      source: OCS_REQUIREMENTS,
      option: 'plainSip',
    },
    { port: 5061, protocol: 'sips', purpose: 'SIP over TLS', need: 'required', source: OCS_REQUIREMENTS },
    {
      port: 135,
      protocol: 'rpc',
      purpose: 'Moving users and other remote administration over DCOM',
      need: 'required',
      source: OCS_REQUIREMENTS,
    },
    {
      port: 443,
      protocol: 'https',
      purpose: "HTTPS to the pool's web addresses",
      need: 'required',
      source: OCS_REQUIREMENTS,
    },
    {
      port: 444,
      protocol: 'https',
      purpose: 'Conference state to conferencing servers',
      need: 'required',
      source: OCS_REQUIREMENTS,
    },
    {
      port: 5065,
      protocol: 'sip',
      purpose: 'SIP for application sharing',
      need: 'required',
      source: OCS_REQUIREMENTS,
    },
    {
      port: 5069,
      protocol: 'sip',
      purpose: 'Quality data to the Monitoring Server',
      need: 'optional',
      source: OCS_REQUIREMENTS,
      option: 'monitoringServer',
    },
    {
      port: 5071,
      protocol: 'sip',
      purpose: 'SIP for Response Group',
      need: 'required',
      source: OCS_REQUIREMENTS,
    },
    {
      port: 5072,
      protocol: 'sip',
      purpose: 'SIP for Conferencing Attendant',
      need: 'required',
      source: OCS_REQUIREMENTS,
    },
    {
      port: 5073,
      protocol: 'sip',
      purpose: 'SIP for Conferencing Announcement',
      need: 'required',
      source: OCS_REQUIREMENTS,
    },
    {
      port: 5074,
      protocol: 'sip',
      purpose: 'SIP for Outside Voice Control',
      need: 'required',
      source: OCS_REQUIREMENTS,
    },
    {
      port: 8404,
      protocol: 'mtls',
      purpose: 'Response Group between servers, over TLS',
      need: 'required',
      source: OCS_REQUIREMENTS,
    },
    {
      port: 80,
      protocol: 'http',
      purpose: 'Device update and web farm over HTTP',
      need: 'recommended',
      source: `${OCS_PORTS}; ${OCS_FIELD}`,
      option: 'deviceUpdate',
    },
  ],
  checks: [
    { type: 'tcp', port: 5060, source: OCS_REQUIREMENTS, option: 'plainSip' },
    { type: 'tcp', port: 5061, source: OCS_REQUIREMENTS },
    { type: 'tcp', port: 444, source: OCS_REQUIREMENTS },
  ],
  scheduler: { value: 'wlc', source: `${OCS_REQUIREMENTS} (recommended)` },
  idleTimeout: SIP_IDLE,
  ...INTERNAL_NAT,
  verdict: { value: 'one for all ports', source: `${OCS_REQUIREMENTS} (a failing server leaves the array)` },
  oneVip: { value: true, rule: 'R4', source: OCS_REQUIREMENTS },
  neverBalanced: FRONT_END_DIRECT,
  limits: {
    ...IDLE_AND_INTERVAL,
    checkOneOf: [
      { rule: 'R11', value: [5060, 5061], source: `${OCS_REQUIREMENTS}: availability by 5060 or 5061` },
      { rule: 'R12', value: [444], source: `${OCS_REQUIREMENTS}: availability by 444` },
    ],
  },
  notes: [
    {
      text:
        'Clients reach 5062 to 5064, 8057 and the media ports 49152 to 65535 on the servers themselves: firewalls must ' +
        'let them.',
      source: OCS_PORTS,
      rule: 'R25',
    },
    NOT_A_HARDWARE_BALANCER,
  ],
};
