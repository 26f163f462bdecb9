/** What evidence is kept as; what a soak finds is written by lab/soak.ts. */
export type Result = SoakResult | FuzzResult | LabResult;

export interface SoakResult {
  readonly kind: 'soak';
  /** ISO 8601 time of its end. */
  readonly at: string;
  readonly found: {
    readonly minutes: number;
    readonly topRate: number;
    readonly flood: {
      readonly perSecond: number;
      readonly good: number;
      readonly errors: Readonly<Record<string, number>>;
      readonly resetsAtHealthyServers: number;
      readonly resetsAtClientsWithoutTrouble: number;
      readonly unexplained: readonly unknown[];
    };
    readonly crowd: {
      readonly connections: number;
      readonly exchanges: number;
      readonly lostOnFailedServers: number;
      readonly unexplained: readonly unknown[];
      readonly resetsAtHealthyServers: number;
    };
    readonly troubles: Readonly<Record<string, number>>;
    readonly openAtServersAfterwards: number;
    readonly activeAfterwards: number;
    readonly descriptorsBefore: number;
    readonly descriptorsAfter: number;
    readonly rssKbBefore: number;
    readonly rssKbAtTop: number;
    readonly rssKbAfter: number;
  };
}

export interface FuzzResult {
  readonly kind: 'fuzz';
  readonly at: string;
  /** The test file, from the root of the project. */
  readonly file: string;
  readonly minutes: number;
  /** How often the file ran, each time with seeds of its own. */
  readonly rounds: number;
  /** What the test runner printed of each round that failed. */
  readonly failures: readonly string[];
}

/** A scenario of the lab in its long form. */
export interface LabResult {
  readonly kind: 'lab';
  readonly at: string;
  /** Its folder under lab/scenarios/. */
  readonly scenario: string;
  readonly minutes: number;
  /** What it measured, in its own words. */
  readonly said: readonly string[];
  /** What the test runner printed when it failed. */
  readonly failures: readonly string[];
}
