/** Front End Servers of an Office Communications Server 2007 R2 Enterprise pool. */
import type { Profile } from './profile.ts';

/** Microsoft, "Load Balancers for Office Communications Server 2007 R2". */
const REQUIREMENTS = 'Microsoft, Load Balancers for Office Communications Server 2007 R2';
/** Microsoft, "Ports and Protocols". */
const PORTS = 'Microsoft, Office Communications Server 2007 R2 Ports and Protocols';
/** A field report of 2009 by people who ran such pools. */
const FIELD = 'field reports of such pools';

export const ocs2007R2EnterprisePool: Profile = {
  name: 'ocs-2007-r2/enterprise-pool',
  title: 'Office Communications Server 2007 R2, Enterprise pool',
  description:
    'Front End Servers behind one VIP. A server that fails one check gets no new connection on any port, because ' +
    'conferences need 5061 and 444 on the same servers.',
  options: {
    plainSip: {
      default: 'unset',
      description:
        'SIP without TLS. Unset: 5060 is on the VIP and not checked. `true`: it is checked too, so a server that ' +
        'does not answer there is down. `false`: it is not on the VIP.',
      source: `${REQUIREMENTS} (checks of the ports that are active); ${FIELD} (5060 is mostly not used)`,
    },
    monitoringServer: {
      default: true,
      description: 'Whether the pool sends quality data to a Monitoring Server: 5069.',
      source: `${REQUIREMENTS}; ${FIELD} (needed only with a Monitoring Server)`,
    },
    deviceUpdate: {
      default: true,
      description: 'Whether desk phones fetch their updates by HTTP: 80.',
      source: `${PORTS} (web farm); ${FIELD} (phones do not update without it)`,
    },
  },
  ports: [
    { port: 5060, purpose: 'SIP over TCP', need: 'optional', source: REQUIREMENTS, option: 'plainSip' },
    { port: 5061, purpose: 'SIP over TLS', need: 'required', source: REQUIREMENTS },
    {
      port: 135,
      purpose: 'Moving users and other remote administration over DCOM',
      need: 'required',
      source: REQUIREMENTS,
    },
    { port: 443, purpose: "HTTPS to the pool's web addresses", need: 'required', source: REQUIREMENTS },
    {
      port: 444,
      purpose: 'Conference state to conferencing servers',
      need: 'required',
      source: REQUIREMENTS,
    },
    { port: 5065, purpose: 'SIP for application sharing', need: 'required', source: REQUIREMENTS },
    {
      port: 5069,
      purpose: 'Quality data to the Monitoring Server',
      need: 'optional',
      source: REQUIREMENTS,
      option: 'monitoringServer',
    },
    { port: 5071, purpose: 'SIP for Response Group', need: 'required', source: REQUIREMENTS },
    { port: 5072, purpose: 'SIP for Conferencing Attendant', need: 'required', source: REQUIREMENTS },
    { port: 5073, purpose: 'SIP for Conferencing Announcement', need: 'required', source: REQUIREMENTS },
    { port: 5074, purpose: 'SIP for Outside Voice Control', need: 'required', source: REQUIREMENTS },
    {
      port: 8404,
      purpose: 'Response Group between servers, over TLS',
      need: 'required',
      source: REQUIREMENTS,
    },
    {
      port: 80,
      purpose: 'Device update and web farm over HTTP',
      need: 'recommended',
      source: `${PORTS}; ${FIELD}`,
      option: 'deviceUpdate',
    },
  ],
  checks: [
    { type: 'tcp', port: 5060, source: REQUIREMENTS, option: 'plainSip' },
    { type: 'tcp', port: 5061, source: REQUIREMENTS },
    { type: 'tcp', port: 444, source: REQUIREMENTS },
  ],
  scheduler: { value: 'wlc', source: `${REQUIREMENTS} (recommended)` },
  idleTimeout: { value: '30m', source: `${REQUIREMENTS} (REGISTER refresh and SIP keep-alive)` },
  nat: { value: 'full', source: `${REQUIREMENTS} (the only mode for Enterprise pools)` },
  refusedNat: {
    half: {
      rule: 'R18',
      why: "a server's connection to its own VIP would be answered past the balancer and fail",
      source: `${REQUIREMENTS} (half-NAT is not supported for internal pools)`,
    },
    none: {
      rule: 'R19',
      why: 'its maker does not support direct server return',
      source: `${REQUIREMENTS} (direct server return is not supported)`,
    },
  },
  verdict: { value: 'one for all ports', source: `${REQUIREMENTS} (a failing server leaves the array)` },
  limits: {
    rules: { idle: 'R10', interval: 'R15', checks: 'R12' },
    idleAtLeast: { value: '30m', source: `${REQUIREMENTS}: TCP idle timeout` },
    intervalAtLeast: { value: '5s', source: `${REQUIREMENTS}: polling interval` },
    checkOneOf: [
      { value: [5060, 5061], source: `${REQUIREMENTS}: availability by 5060 or 5061` },
      { value: [444], source: `${REQUIREMENTS}: availability by 444` },
    ],
  },
};
