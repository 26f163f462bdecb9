import type { Site } from '../groups/group.ts';

/** One thing to compare: how to find, start and stop it. */
export interface Peer {
  /** Name in tables. */
  readonly title: string;
  /** What it is set to, for the report: one sentence. */
  readonly setting: string;
  /** Program and version, or undefined when it is not on this machine. */
  version(): Promise<string | undefined>;
  /** What to install when it is not there. */
  readonly wants: string;
  /** Starts it at a site in the foreground, its files in `folder`; settles when a message through it comes back. */
  start(site: Site, folder: string, options: PeerOptions): Promise<RunningPeer>;
}

export interface PeerOptions {
  /** Make the symbols of generated code readable for perf, where the program can. */
  readonly profile: boolean;
}

export interface RunningPeer {
  readonly site: Site;
  /** Where clients connect: one address of the balancer, or all servers. */
  readonly addresses: readonly string[];
  /** All its processes at this moment; none for no balancer. */
  pids(): number[];
  stop(): Promise<void>;
}
