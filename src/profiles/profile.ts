/** What a profile is: ports, checks and settings of one kind of pool, as data, each with where it comes from. */
import type { Product } from '../catalogue/products.ts';
import type { Role } from '../catalogue/roles.ts';
import type { CheckType, NatMode, PortRange, Protocol } from '../model/effective.ts';
import type { SchedulerName } from '../scheduler/names.ts';

/** A rule of the deployment, by its number. */
export type RuleId = `R${number}`;

/** A value and who says so. */
export interface Sourced<T> {
  readonly value: T;
  readonly source: string;
}

/** A value that a rule asks for. */
export interface Ruled<T, Rule extends RuleId = RuleId> extends Sourced<T> {
  readonly rule: Rule;
}

/** What is spoken on a port. `psom`: conference content. `mtls`: remoting between servers. */
export type Spoken =
  | 'sip'
  | 'sips'
  | 'http'
  | 'https'
  | 'rpc'
  | 'stun'
  | 'psom'
  | 'mtls'
  | 'xmpp'
  | 'rdp'
  | 'other';

/** Whether one client's connections to a port are to come to one server. */
export type PersistenceWish = 'source-ip' | 'none';

export interface ProfilePort {
  /** Of the VIP; of a range the first. */
  readonly port: number;
  /** The last of a range. */
  readonly portEnd?: number;
  /** Of the servers, where it is another one; of a range the first. */
  readonly serverPort?: number;
  /** Absent: TCP. */
  readonly transport?: Protocol;
  readonly protocol: Spoken;
  readonly purpose: string;
  readonly need: 'required' | 'recommended' | 'optional';
  readonly source: string;
  /** With a default of false: on the VIP only when this option is true; else unless it is false. */
  readonly option?: string;
  /** What the maker asks for; absent: nothing, and so none. */
  readonly persistence?: Ruled<PersistenceWish>;
}

export interface ProfileCheck {
  readonly type: CheckType;
  readonly port: number;
  /** Of `http` and `https`; absent: `/`. */
  readonly path?: string;
  readonly source: string;
  /** With a default of `unset` or false: made only when this option is true; else unless it is false. */
  readonly option?: string;
}

export interface ProfileOption {
  /** `unset` is a third state: neither what true adds nor what false removes. */
  readonly default: boolean | 'unset';
  readonly description: string;
  readonly source: string;
}

/** A warning when a pool with this profile departs from what the product's maker wants. */
export interface ProfileLimits {
  readonly idleAtLeast?: Ruled<string>;
  readonly intervalAtLeast?: Ruled<string>;
  /** Each set: at least one of its ports has a check. */
  readonly checkOneOf: readonly Ruled<readonly number[]>[];
}

export interface NatRefusal {
  readonly rule: RuleId;
  /** Goes on from "… is refused for PROFILE: ". */
  readonly why: string;
  readonly source: string;
}

/** A port of the servers that clients and servers reach directly, and that a VIP must not have. */
export interface NeverBalanced extends Ruled<string> {
  readonly port: number;
  readonly portEnd?: number;
  /** Absent: TCP. */
  readonly transport?: Protocol;
}

export interface ProfileNote {
  /** Full sentences, Markdown. */
  readonly text: string;
  readonly source: string;
  readonly rule?: RuleId;
}

export interface SupportStatus {
  /** The last day of support by the maker, as YYYY-MM-DD; null: it is supported. */
  readonly ended: string | null;
  /** A full sentence. */
  readonly text: string;
  readonly source: string;
}

export type ProductName = Product | 'office-web-apps';

export interface Profile {
  readonly name: string;
  readonly title: string;
  /** Full sentences, Markdown. */
  readonly description: string;
  /** As the catalogue of ports names it; null: of no maker. */
  readonly product: ProductName | null;
  /** The load balancer in the catalogue of ports that this is; absent: the catalogue has none. */
  readonly role?: Role;
  /** What is not known of this kind of pool; absent: the profile is whole. */
  readonly partial?: string;
  readonly support?: SupportStatus;
  readonly options: Readonly<Record<string, ProfileOption>>;
  /** Empty: the services name their ports. */
  readonly ports: readonly ProfilePort[];
  /** Absent: none of its own; the pool gets what pools without a profile get. */
  readonly checks?: readonly ProfileCheck[];
  /** Of its checks; absent: as everywhere. */
  readonly checkInterval?: Sourced<string>;
  readonly scheduler?: Sourced<SchedulerName>;
  readonly idleTimeout?: Sourced<string>;
  readonly nat?: Sourced<NatMode>;
  /** NAT modes with which the product does not work. */
  readonly refusedNat?: Readonly<Partial<Record<NatMode, NatRefusal>>>;
  readonly neverBalanced?: readonly NeverBalanced[];
  /** The servers' own addresses are public, and nobody translates them. */
  readonly publicServers?: Ruled<true>;
  /** All ports are on one VIP. */
  readonly oneVip?: Ruled<true>;
  /** Which side of Edge Servers this is; both sides of one array are balanced in the same way. */
  readonly edge?: 'internal' | 'external';
  /** Ports, of VIP or servers, on which small packets must not be held back (Nagle). */
  readonly nagleOff?: Ruled<readonly string[]>;
  readonly verdict?: Sourced<string>;
  readonly limits?: ProfileLimits;
  readonly notes: readonly ProfileNote[];
}

export type OptionValues = Readonly<Record<string, boolean | undefined>>;

/** The profile's ports under these options, ascending, TCP before UDP. */
export function portsOf(profile: Profile, options: OptionValues): readonly ProfilePort[] {
  const on = profile.ports.filter(
    (p) => p.option === undefined || stateOf(profile, p.option, options) !== false,
  );
  return on.toSorted((a, b) => a.port - b.port || transportOf(a).localeCompare(transportOf(b)));
}

/** The port, or range, with where it leads to on the servers. */
export function rangeOf(entry: ProfilePort): PortRange {
  const { port, portEnd = port, serverPort = port } = entry;
  return { protocol: transportOf(entry), first: port, last: portEnd, serverFirst: serverPort };
}

export function transportOf({ transport }: Pick<ProfilePort, 'transport'>): Protocol {
  return transport ?? 'tcp';
}

export function checksOf(profile: Profile, options: OptionValues): readonly ProfileCheck[] | null {
  const checks = profile.checks ?? null;
  return (
    checks && checks.filter((c) => c.option === undefined || stateOf(profile, c.option, options) === true)
  );
}

function stateOf(profile: Profile, option: string, options: OptionValues): boolean | 'unset' {
  return options[option] ?? profile.options[option]?.default ?? 'unset';
}
