/** Configs of the lab: plain objects in the form of the config file, with shortened times. */
import { INNER } from '../net/arms.ts';
import type { Host } from '../net/host.ts';
import { VIP } from '../net/network.ts';
import type { Plane } from '../planes.ts';

/** A config file's content before it is written as YAML. */
export type ConfigTree = Record<string, unknown>;

export interface LabConfig {
  readonly plane: Plane;
  readonly servers: readonly ServerTree[];
  /** Of the one virtual service; default 5061. */
  readonly ports?: readonly unknown[];
  readonly vip?: string;
  readonly scheduler?: string;
  /** Ports that are checked; default the first port of the service if it is a number. */
  readonly checkPorts?: readonly number[];
  /** `defaults` of the file, over the lab's own. */
  readonly defaults?: ConfigTree;
  /** Of the kernel plane; default one-armed on eth0. */
  readonly topology?: ConfigTree;
  /** More keys of the pool. */
  readonly pool?: ConfigTree;
  /** More keys of the virtual service. */
  readonly service?: ConfigTree;
}

export interface ServerTree {
  readonly name: string;
  readonly address: string;
  readonly weight?: number;
  readonly admin?: string;
}

/** Milliseconds between checks in the lab, and until one counts as unanswered. */
export const CHECK_INTERVAL_MS = 250;
export const CHECK_TIMEOUT_MS = 200;
export const RISE = 2;
export const FALL = 3;

/** `topology` of networks that are built so. */
export const TWO_ARMED = {
  mode: 'two-armed',
  clientInterface: 'eth0',
  serverInterface: 'eth1',
  serverAddress: `${INNER}/24`,
} as const;
export const TRANSPARENT = {
  mode: 'transparent',
  bridgePorts: ['eth0', 'eth1'],
  serverAddress: '10.0.0.5/24',
} as const;

/** The keys by which a config runs on a data plane. The kernel plane has to know where its packets come from. */
export function onPlane(plane: Plane, topology: ConfigTree = { interface: 'eth0' }): ConfigTree {
  return plane === 'kernel' ? { dataPlane: plane, topology } : { dataPlane: plane };
}

/** A pool `ocspool` behind a virtual service `ocs`. */
export function labConfig(lab: LabConfig): ConfigTree {
  const ports = lab.ports ?? [5061];
  const checked = lab.checkPorts ?? ports.filter((port) => typeof port === 'number').slice(0, 1);
  return {
    version: 1,
    ...onPlane(lab.plane, lab.topology),
    shutdownTimeout: '1s',
    defaults: {
      healthCheck: {
        interval: `${CHECK_INTERVAL_MS}ms`,
        timeout: `${CHECK_TIMEOUT_MS}ms`,
        rise: RISE,
        fall: FALL,
      },
      ...lab.defaults,
    },
    pools: [
      {
        name: 'ocspool',
        healthChecks: checked.map((port) => ({ type: 'tcp', port })),
        realServers: lab.servers,
        ...lab.pool,
      },
    ],
    virtualServices: [
      {
        name: 'ocs',
        vip: lab.vip ?? VIP,
        pool: 'ocspool',
        ports,
        scheduler: lab.scheduler ?? 'wlc',
        ...lab.service,
      },
    ],
  };
}

/** The servers of a network as the file lists them; `weights` in their order. */
export function serversOf(hosts: readonly Host[], weights: readonly number[] = []): ServerTree[] {
  return hosts.map((host, i) => {
    const weight = weights[i];
    return { name: host.role, address: host.ipv4, ...(weight === undefined ? {} : { weight }) };
  });
}
