/** What the kernel is to translate: a plain value, rendered by render.ts. */
import type { Protocol } from '../../../model/effective.ts';

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** Where connections with this number in their mark go. */
export interface Target {
  /** 1 to 65534. */
  readonly number: number;
  /** Canonical. */
  readonly address: string;
  /** Null: the port that the client asked for. */
  readonly port: number | null;
}

/** Where connections with this number in their mark come from. */
export interface Source {
  /** 1 to 254. */
  readonly number: number;
  readonly address: string;
  /** Null: the client's own port where it is free, else any that is (conntrack keeps to the class of the port). */
  readonly ports: PortRange | null;
}

/** Ports of a VIP, and after how long without a packet conntrack may forget their connections. */
export interface TranslatedPorts {
  readonly vip: string;
  readonly protocol: Protocol;
  readonly ports: PortRange;
  /** Seconds; the sweep of idle connections comes before it, see timeouts.ts. */
  readonly idleS: number;
}

/** One kind of forwarded traffic that is allowed; what is absent fits any. */
export interface ForwardRule {
  /** A network, as `10.0.0.0/24`, or an address. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly protocol?: 'tcp' | 'udp' | 'icmp' | undefined;
  /** Destination ports; without a protocol, of TCP and of UDP. */
  readonly ports?: PortRange | undefined;
}

/**
 * What may pass between our interfaces beside our own connections, which always may. `all`: everything, we add no
 * rule. `nothing`: this machine is a router only for what it translates. `rules`: these, and replies to them.
 */
export type Forwarding = { readonly closed?: Closed } & (
  | { readonly allow: 'all' }
  | { readonly allow: 'nothing'; readonly interfaces: readonly string[] }
  | {
      readonly allow: 'rules';
      readonly interfaces: readonly string[];
      readonly rules: readonly ForwardRule[];
    }
);

/** What forwards only because we need it to: through there nothing gets to where we have no interface. */
export interface Closed {
  /** Our interfaces. */
  readonly interfaces: readonly string[];
  /** Those of them by which IPv4, or IPv6, came in and went no further before. */
  readonly ipv4: readonly string[];
  /** `machine`: nothing of IPv6 was forwarded, by whatever interface. */
  readonly ipv6: readonly string[] | 'machine';
}

export interface Translation {
  readonly targets: readonly Target[];
  readonly sources: readonly Source[];
  readonly services: readonly TranslatedPorts[];
  readonly forwarding: Forwarding;
  /**
   * Interfaces by which a translated packet leaves the way it came (one-armed): the kernel would tell the client by a
   * redirect (RFC 4861 section 8) that the server is next to it, and the client would go past us.
   */
  readonly noRedirects: readonly string[];
}

export const NO_TRANSLATION: Translation = {
  targets: [],
  sources: [],
  services: [],
  forwarding: { allow: 'all' },
  noRedirects: [],
};
