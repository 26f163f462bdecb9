/** What a rule is: one sentence that a deployment must keep, as data, with who says so and how it is checked. */
import type { Product } from '../catalogue/products.ts';
import type { Severity } from '../config/findings.ts';
import type { ConfigInput } from '../model/config.ts';
import type { EffectiveConfig } from '../model/effective.ts';
import type { Path } from '../model/path.ts';
import type { RuleId } from '../profiles/profile.ts';

export type { RuleId };

/** What each way of checking means, for tables and help. */
export const WAYS = {
  lint: '`poolgate check` reads it off the config',
  probe: 'shows only on the live network: connect, resolve, capture',
  manual: 'a person sees to it and confirms it',
  'built-in': 'Poolgate keeps it, whatever the config says',
} as const;

export type Way = keyof typeof WAYS;

export interface Rule {
  readonly id: RuleId;
  /** What must be so: a sentence without its full stop. */
  readonly title: string;
  /** Why, and what comes of it when it is not so. Full sentences. */
  readonly why: string;
  /** Titles of the documents that say it, or the kind of place. */
  readonly sources: readonly string[];
  readonly products: readonly Product[];
  /** Of its findings, where one does not say otherwise; of rules that are not linted, how grave it is. */
  readonly severity: Severity;
  readonly how: readonly Way[];
  /** What is looked at, for each way of `how` that applies. Full sentences. */
  readonly checked: string;
  readonly hint: string;
  /** What a correct config looks like: YAML of the keys concerned, which a test completes and checks; null: nothing of it is in a config. */
  readonly sample: string | null;
  /** There exactly when `how` has `lint`. */
  readonly lint?: Lint;
}

/** What a lint looks at; indexes of `effective` are those of `input`. */
export interface Subject {
  readonly input: ConfigInput;
  readonly effective: EffectiveConfig;
  /** This machine's own range of source ports (ip_local_port_range, ip(7)). */
  readonly localPorts: { readonly first: number; readonly last: number };
}

export interface Violation {
  readonly path: Path;
  /** What the caret points at; the value if not given. */
  readonly part?: 'key' | 'value';
  readonly message: string;
  /** The rule's if not given. */
  readonly hint?: string;
  /** The rule's if not given. */
  readonly source?: string;
  /** The rule's if not given. */
  readonly severity?: Severity;
}

/** Pure: the same for the same subject, and never throws for one that the schema accepts. */
export type Lint = (subject: Subject) => readonly Violation[];

/** `R1`, `R2`, … in the order of their numbers. */
export function inOrder(a: Pick<Rule, 'id'>, b: Pick<Rule, 'id'>): number {
  return Number(a.id.slice(1)) - Number(b.id.slice(1));
}
