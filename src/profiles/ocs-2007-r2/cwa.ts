/** An array of Communicator Web Access servers: web traffic, with timeouts of its own. */
import { CWA_AFFINITY, CWA_REQUIREMENTS, OCS_PORTS, OCS_REQUIREMENTS } from '../documents.ts';
import type { Profile } from '../profile.ts';
import { INTERNAL_NAT, NOT_A_HARDWARE_BALANCER, OCS_SUPPORT } from './common.ts';

const AFFINITY = { value: 'source-ip', rule: 'R6', source: CWA_AFFINITY } as const;

export const ocs2007R2Cwa: Profile = {
  name: 'ocs-2007-r2/cwa',
  title: 'Office Communications Server 2007 R2, Communicator Web Access',
  description:
    'Servers that bring messaging and presence into a browser. All of what one user does must come to one server, so ' +
    'that a client is known by its address; and idle connections are short-lived. It has a VIP of its own, beside that of the pool.',
  product: 'ocs-2007-r2',
  support: OCS_SUPPORT,
  options: {
    plainHttp: {
      default: false,
      description:
        'Whether users come by HTTP: 80. `true`: it is on the VIP and checked, so a server that does not answer there is down.',
      source: `${OCS_PORTS} (80 where HTTPS is not configured); ${CWA_REQUIREMENTS}`,
    },
  },
  ports: [
    {
      port: 443,
      protocol: 'https',
      purpose: 'HTTPS from browsers',
      need: 'required',
      source: `${OCS_PORTS}; ${CWA_REQUIREMENTS}`,
      persistence: AFFINITY,
    },
    {
      port: 80,
      protocol: 'http',
      purpose: 'HTTP from browsers',
      need: 'optional',
      source: `${OCS_PORTS}; ${CWA_REQUIREMENTS}`,
      option: 'plainHttp',
      persistence: AFFINITY,
    },
  ],
  checks: [
    { type: 'tcp', port: 443, source: CWA_REQUIREMENTS },
    { type: 'tcp', port: 80, source: CWA_REQUIREMENTS, option: 'plainHttp' },
  ],
  checkInterval: { value: '30s', source: `${CWA_REQUIREMENTS}: service check retry interval` },
  idleTimeout: { value: '92s', source: `${CWA_REQUIREMENTS}: TCP idle timeout` },
  ...INTERNAL_NAT,
  refusedNat: { ...INTERNAL_NAT.refusedNat, half: { ...INTERNAL_NAT.refusedNat.half, rule: 'R17' } },
  limits: {
    idleAtLeast: { rule: 'R10', value: '92s', source: `${CWA_REQUIREMENTS}: TCP idle timeout` },
    intervalAtLeast: { rule: 'R15', value: '5s', source: `${OCS_REQUIREMENTS}: polling interval` },
    checkOneOf: [],
  },
  notes: [
    {
      text:
        'The servers reach directory, Kerberos and NetBIOS (88, 137 to 139, 389, 3268) and the pool (5061) themselves, not ' +
        'through this VIP.',
      source: OCS_PORTS,
      rule: 'R25',
    },
    {
      text: 'Many users behind one address, such as a proxy, all come to one server.',
      source: CWA_AFFINITY,
    },
    NOT_A_HARDWARE_BALANCER,
  ],
};
