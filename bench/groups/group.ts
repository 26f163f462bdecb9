import type { MeasureName, MetricName } from '../metrics.ts';
import type { PeerName } from '../peers/index.ts';

export type GroupName = 'loopback' | 'network';

/** Words of a command that has whatever follows run in another place; none: here. */
export type Place = readonly string[];

/** Where one peer stands: its addresses, and how to start programs at its side, and at its clients'. */
export interface Site {
  readonly vip: string;
  readonly servers: readonly string[];
  readonly clients: { readonly first: string; readonly count: number };
  /** Addresses that a balancer may come from at its servers; none on loopback. */
  readonly sources: readonly string[];
  readonly balancer: Place;
  readonly client: Place;
  /** Before each run: what the last one left behind in tables is cleared away. */
  tidy(): Promise<void>;
}

/** Sites for some peers, with the servers behind them at work. */
export interface Scene {
  siteOf(peer: PeerName): Site;
  close(): Promise<void>;
}

/** What the judged peer must keep. */
export interface Floor {
  /** Compared with that peer, by the metric's way of comparing; null: its own value. */
  readonly to: PeerName | null;
  /** At least this where more is better, at most this where less is. */
  readonly limit: number;
  readonly goal?: number;
}

/** Peers that are compared with one another, under the same circumstances. */
export interface Group {
  readonly name: GroupName;
  readonly title: string;
  /** How clients, balancer and servers are connected, for the report: sentences. */
  readonly setting: string;
  /** In the order of the tables. */
  readonly peers: readonly PeerName[];
  /** What each peer is compared with. */
  readonly references: readonly PeerName[];
  /** Whose figures are held against the floors. */
  readonly judged: PeerName;
  readonly floors: { readonly [M in MetricName]?: readonly Floor[] };
  /** In the order of the tables. */
  readonly metrics: readonly MetricName[];
  readonly measures: readonly MeasureName[];
  /** How to read the figures, beside what holds for all: one line each. */
  readonly reading: readonly string[];
  /** Why it cannot be measured on this machine; empty: it can. */
  reasonNotToRun(): string;
  /** @throws Error when the sites cannot be made */
  open(peers: readonly PeerName[]): Promise<Scene>;
}
