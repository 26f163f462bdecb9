/** The products whose profiles are made from one table: what differs between them, and what they share. */
import { titleOf } from '../../catalogue/documents.ts';
import { PRODUCTS as PRODUCT_TITLES } from '../../catalogue/products.ts';
import { LIFECYCLE, LYNC_2013_BALANCING, OCS_REQUIREMENTS } from '../documents.ts';
import type {
  NatRefusal,
  Profile,
  ProfileLimits,
  ProfileNote,
  ProductName,
  SupportStatus,
} from '../profile.ts';

export interface Product {
  readonly name: Exclude<ProductName, 'office-web-apps'>;
  readonly title: string;
  readonly support: SupportStatus;
  /** Ports of servers and of load balancers. */
  readonly ports: string;
  /** What a load balancer must do. */
  readonly balancing: string;
  readonly edge: string;
  readonly publishing: string;
  /** Whether Edge Servers can have an XMPP proxy. */
  readonly xmpp: boolean;
}

const SFB_BALANCING = 'Microsoft, Load balancing requirements for Skype for Business';
const NO_PAGE = '(written for 2015 and 2019; there is none for the Subscription Edition)';

function sfb(name: 'sfb-2015' | 'sfb-2019', xmpp: boolean): Product {
  const title = PRODUCT_TITLES[name];
  return {
    name,
    title,
    support: {
      ended: '2025-10-14',
      text: `Its maker ended support of ${title} on 2025-10-14; paid security updates went on into 2026.`,
      source: `${LIFECYCLE}; press reports for the paid updates`,
    },
    ports: titleOf('sfbPorts'),
    balancing: SFB_BALANCING,
    edge: titleOf('sfbEdge'),
    publishing: SFB_BALANCING,
    xmpp,
  };
}

export const PRODUCTS: readonly Product[] = [
  {
    name: 'lync-2013',
    title: PRODUCT_TITLES['lync-2013'],
    support: {
      ended: '2023-04-11',
      text: 'Its maker ended support of Lync Server 2013 on 2023-04-11.',
      source: LIFECYCLE,
    },
    ports: titleOf('lync2013Ports'),
    balancing: LYNC_2013_BALANCING,
    edge: titleOf('lync2013Edge'),
    publishing: titleOf('lync2013ReverseProxy'),
    xmpp: true,
  },
  sfb('sfb-2015', true),
  sfb('sfb-2019', false),
  {
    name: 'sfb-se',
    title: PRODUCT_TITLES['sfb-se'],
    support: {
      ended: null,
      text: 'Its maker supports the Subscription Edition, until 2035-12-31 at the earliest.',
      source: 'Microsoft, Modern Lifecycle Policy for servers (quoted second hand)',
    },
    ports: `${titleOf('sfbPorts')} ${NO_PAGE}`,
    balancing: `${SFB_BALANCING} ${NO_PAGE}`,
    edge: `${titleOf('sfbEdge')} ${NO_PAGE}`,
    publishing: `${SFB_BALANCING} ${NO_PAGE}`,
    xmpp: false,
  },
];

export function notQualified({ balancing }: Product): ProfileNote {
  return {
    text:
      'The maker speaks of hardware load balancers, and of those that passed its tests. This one is software and passed ' +
      'none of them; what these documents ask of a balancer is kept.',
    source: balancing,
    rule: 'R45',
  };
}

export function noDirectReturn({ balancing }: Product): NatRefusal {
  return {
    rule: 'R19',
    why: 'its maker does not support direct server return',
    source: `${balancing} (direct server return is not supported)`,
  };
}

/** Servers connect to the VIP of their own pool. */
export function internalNat(product: Product): Pick<Profile, 'nat' | 'refusedNat'> {
  return {
    nat: {
      value: 'full',
      source: 'lab: with half-NAT a server that connects to its own VIP is answered past the balancer',
    },
    refusedNat: {
      half: {
        rule: 'R18',
        why: "a server's connection to its own VIP would be answered past the balancer and fail",
        source: `${OCS_REQUIREMENTS}; lab: the same with any server`,
      },
      none: noDirectReturn(product),
    },
  };
}

export function idle({ balancing }: Product): Pick<Profile, 'idleTimeout'> {
  return { idleTimeout: { value: '30m', source: `${balancing}: TCP idle timeout of 1800 seconds` } };
}

export function idleLimit({ balancing }: Product): Pick<ProfileLimits, 'idleAtLeast'> {
  return {
    idleAtLeast: { rule: 'R10', value: '30m', source: `${balancing}: TCP idle timeout of 1800 seconds` },
  };
}

/** The web VIPs, too, ask the service of the Front End. */
export function frontEndCheck({ balancing }: Product): Required<Pick<Profile, 'checks' | 'verdict'>> & {
  readonly checkOneOf: ProfileLimits['checkOneOf'];
} {
  const source = `${balancing}: port monitoring, Front End 5061`;
  return {
    checks: [{ type: 'tcp', port: 5061, source }],
    verdict: { value: 'one for all ports', source },
    checkOneOf: [{ rule: 'R54', value: [5061], source }],
  };
}
