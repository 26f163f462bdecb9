/** What every scenario starts with: a network, stand-in servers, clients and the balancer, removed afterwards. */
import { describe } from 'vitest';
import { Balancer, type BalancerOptions } from './balancer/balancer.ts';
import type { ConfigTree } from './balancer/config.ts';
import { Crowd } from './clients/crowd.ts';
import { reasonsNotToRun } from './net/can-run.ts';
import { Network, type NetworkOptions } from './net/network.ts';
import { PLANES, type Plane } from './planes.ts';
import { StandIn } from './servers/stand-in.ts';

/** `describe`, or its skipped form where the lab cannot run (lab/net/global-setup.ts says why). */
export const describeLab = reasonsNotToRun().length === 0 ? describe : describe.skip;

/** A scenario on every data plane: `plane` goes into its network and its config. */
export function onEachPlane(name: string, tell: (plane: Plane) => void): void {
  for (const plane of PLANES) describeLab(`${name} (${plane})`, () => tell(plane));
}

/** A scenario that makes sense on one data plane alone; it says why. */
export function onOnePlane(plane: Plane, name: string, tell: () => void): void {
  describeLab(`${name} (${plane})`, tell);
}

export interface Lab {
  readonly network: Network;
  readonly crowd: Crowd;
  readonly standIns: readonly StandIn[];
  /** The stand-in of this number, from 1. */
  standIn(number: number): StandIn;
  /** Starts the balancer; a scenario that wants another config starts another lab or applies it. */
  balance(config: ConfigTree, options?: BalancerOptions): Promise<Balancer>;
  close(): Promise<void>;
}

export interface LabOptions extends NetworkOptions {
  /** Ports of every stand-in; none: no stand-ins are started. */
  readonly ports?: readonly number[];
}

/** Builds a lab; call it in `beforeAll`, and its `close` in `afterAll`. */
export async function buildLab(options: LabOptions = {}): Promise<Lab> {
  const network = await Network.create(options);
  const ports = options.ports;
  const [crowd, ...standIns] = await Promise.all([
    Crowd.start(network.client),
    ...(ports ? network.servers.map((host) => StandIn.start(host, ports)) : []),
  ]);
  let balancer: Balancer | null = null;
  return {
    network,
    crowd,
    standIns,
    standIn(number) {
      const found = standIns[number - 1];
      if (!found) throw new Error(`this lab has no stand-in ${number}`);
      return found;
    },
    async balance(config, options) {
      await balancer?.stop();
      balancer = await Balancer.start(network, config, options);
      return balancer;
    },
    async close() {
      await balancer?.stop();
      await network.close();
    },
  };
}
