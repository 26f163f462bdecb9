/** An array of Directors of Office Communications Server 2007 R2. */
import { OCS_PORTS, OCS_REQUIREMENTS } from '../documents.ts';
import type { Profile } from '../profile.ts';
import { IDLE_AND_INTERVAL, INTERNAL_NAT, NOT_A_HARDWARE_BALANCER, OCS_SUPPORT, SIP_IDLE } from './common.ts';

export const ocs2007R2Director: Profile = {
  name: 'ocs-2007-r2/director',
  title: 'Office Communications Server 2007 R2, array of Directors',
  description:
    'Directors behind one VIP: they authenticate users who come by the Edge, and send every user to the home pool.',
  product: 'ocs-2007-r2',
  role: 'load-balancer-director',
  support: OCS_SUPPORT,
  options: {
    plainSip: {
      default: 'unset',
      description:
        'SIP without TLS. Unset: 5060 is on the VIP and not checked. `true`: it is checked too, so a Director that ' +
        'does not answer there is down. `false`: it is not on the VIP.',
      source: `${OCS_PORTS} (5060 and 5061); ${OCS_REQUIREMENTS} (checks of the ports that are active)`,
    },
  },
  ports: [
    {
      port: 5060,
      protocol: 'sip',
      purpose: 'SIP over TCP between servers',
      need: 'optional',
      source: OCS_PORTS,
      option: 'plainSip',
    },
    {
      port: 5061,
      protocol: 'sips',
      purpose: 'SIP over TLS, from servers and clients',
      need: 'required',
      source: OCS_PORTS,
    },
  ],
  checks: [
    { type: 'tcp', port: 5060, source: OCS_REQUIREMENTS, option: 'plainSip' },
    { type: 'tcp', port: 5061, source: OCS_REQUIREMENTS },
  ],
  scheduler: { value: 'wlc', source: `${OCS_REQUIREMENTS} (recommended)` },
  idleTimeout: SIP_IDLE,
  ...INTERNAL_NAT,
  oneVip: { value: true, rule: 'R4', source: OCS_REQUIREMENTS },
  limits: {
    ...IDLE_AND_INTERVAL,
    checkOneOf: [
      { rule: 'R11', value: [5060, 5061], source: `${OCS_REQUIREMENTS}: availability by 5060 or 5061` },
    ],
  },
  notes: [NOT_A_HARDWARE_BALANCER],
};
