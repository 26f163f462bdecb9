/** What a profile is: ports, checks and settings of one kind of pool, as data, each with where it comes from. */
import type { HealthCheck } from '../model/effective.ts';
import type { SchedulerName } from '../scheduler/names.ts';

/** A value and who says so. */
export interface Sourced<T> {
  readonly value: T;
  readonly source: string;
}

export interface ProfilePort {
  readonly port: number;
  readonly purpose: string;
  readonly need: 'required' | 'recommended' | 'optional';
  readonly source: string;
  /** On the VIP unless this option is false. */
  readonly option?: string;
}

export interface ProfileCheck {
  readonly type: HealthCheck['type'];
  readonly port: number;
  readonly source: string;
  /** Made only when this option is true. */
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
  readonly rules: { readonly idle: 'R10'; readonly interval: 'R15'; readonly checks: 'R12' };
  readonly idleAtLeast: Sourced<string>;
  readonly intervalAtLeast: Sourced<string>;
  /** Each set: at least one of its ports has a check. */
  readonly checkOneOf: readonly Sourced<readonly number[]>[];
}

export interface NatRefusal {
  readonly rule: 'R18' | 'R19';
  /** Goes on from "… is refused for PROFILE: ". */
  readonly why: string;
  readonly source: string;
}

export interface Profile {
  readonly name: string;
  readonly title: string;
  /** Full sentences, Markdown. */
  readonly description: string;
  readonly options: Readonly<Record<string, ProfileOption>>;
  /** Empty: the services name their ports. */
  readonly ports: readonly ProfilePort[];
  /** Absent: none of its own; the pool gets what pools without a profile get. */
  readonly checks?: readonly ProfileCheck[];
  readonly scheduler?: Sourced<SchedulerName>;
  readonly idleTimeout?: Sourced<string>;
  readonly nat?: Sourced<'full'>;
  /** NAT modes with which the product does not work. */
  readonly refusedNat?: Readonly<Record<'half' | 'none', NatRefusal>>;
  readonly verdict?: Sourced<string>;
  readonly limits?: ProfileLimits;
}

export type OptionValues = Readonly<Record<string, boolean | undefined>>;

/** The profile's ports under these options, ascending. */
export function portsOf(profile: Profile, options: OptionValues): readonly ProfilePort[] {
  const on = profile.ports.filter(
    (p) => p.option === undefined || stateOf(profile, p.option, options) !== false,
  );
  return on.toSorted((a, b) => a.port - b.port);
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
