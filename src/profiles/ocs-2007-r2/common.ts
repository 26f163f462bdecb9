/** What the profiles of Office Communications Server 2007 R2 share. */
import { LIFECYCLE, OCS_PORTS, OCS_REQUIREMENTS } from '../documents.ts';
import type {
  NatRefusal,
  NeverBalanced,
  Profile,
  ProfileLimits,
  ProfileNote,
  SupportStatus,
} from '../profile.ts';

export const OCS_SUPPORT: SupportStatus = {
  ended: '2018-01-09',
  text: 'Its maker ended support of Office Communications Server 2007 R2 on 2018-01-09.',
  source: `${OCS_REQUIREMENTS}; ${LIFECYCLE}`,
};

export const NOT_A_HARDWARE_BALANCER: ProfileNote = {
  text:
    'While it supported this product its maker supported hardware load balancers alone. A balancer in software, as this ' +
    'one is, stands outside that statement; what it asks of a balancer is kept.',
  source: OCS_REQUIREMENTS,
  rule: 'R45',
};

export const NO_DIRECT_RETURN: NatRefusal = {
  rule: 'R19',
  why: 'its maker does not support direct server return',
  source: `${OCS_REQUIREMENTS} (direct server return is not supported)`,
};

/** Pools within the network: full NAT is the only mode. */
export const INTERNAL_NAT = {
  nat: { value: 'full', source: `${OCS_REQUIREMENTS} (the only mode for internal pools)` },
  refusedNat: {
    half: {
      rule: 'R18',
      why: "a server's connection to its own VIP would be answered past the balancer and fail",
      source: `${OCS_REQUIREMENTS} (half-NAT is not supported for internal pools)`,
    },
    none: NO_DIRECT_RETURN,
  },
} as const satisfies Pick<Profile, 'nat' | 'refusedNat'>;

export const SIP_IDLE = {
  value: '30m',
  source: `${OCS_REQUIREMENTS} (REGISTER refresh and SIP keep-alive)`,
} as const;

export const IDLE_AND_INTERVAL = {
  idleAtLeast: { rule: 'R10', value: '30m', source: `${OCS_REQUIREMENTS}: TCP idle timeout` },
  intervalAtLeast: { rule: 'R15', value: '5s', source: `${OCS_REQUIREMENTS}: polling interval` },
} as const satisfies Partial<ProfileLimits>;

const DIRECT = `${OCS_PORTS} (among the ports of the servers, not among those of the load balancer)`;

/** What clients and servers reach on Front End Servers themselves. */
export const FRONT_END_DIRECT: readonly NeverBalanced[] = [
  { port: 5062, rule: 'R25', value: 'IM conferencing', source: DIRECT },
  { port: 5063, rule: 'R25', value: 'A/V conferencing', source: DIRECT },
  { port: 5064, rule: 'R25', value: 'telephony conferencing', source: DIRECT },
  { port: 8057, rule: 'R25', value: 'Web conferencing', source: DIRECT },
  { port: 49_152, portEnd: 65_535, transport: 'udp', rule: 'R25', value: 'media', source: DIRECT },
];
