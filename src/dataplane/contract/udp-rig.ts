import { onTestFinished } from 'vitest';
import type { PlanePort, PlaneServiceSettings } from '../dataplane.ts';
import { addressOf, type Rig, type RigOptions, VIP } from './rig.ts';
import { dialUdp, serveUdp, type UdpClient, type UdpServer } from './udp-sockets.ts';

export type MakeRig = (weights: readonly number[], options?: RigOptions) => Promise<Rig>;

/** A rig whose service has its port for UDP too, with servers a, b, c … that answer on both. */
export interface UdpRig {
  readonly rig: Rig;
  readonly port: PlanePort;
  readonly servers: ReadonlyMap<string, UdpServer>;
  startServer(name: string): Promise<void>;
  /** Closes it when the test is over. */
  keep(one: { close(): Promise<void> }): void;
  dial(to?: Partial<PlanePort>): Promise<UdpClient>;
  /** So many clients, each with the name of the server that it was given. */
  dialMany(count: number): Promise<{ client: UdpClient; server: string }[]>;
  setPorts(ports: readonly PlanePort[]): Promise<void>;
  setSettings(settings: Partial<PlaneServiceSettings>): Promise<void>;
  portCounters(): { active: number; total: number; refused: number; bytesIn: number; bytesOut: number };
}

export async function udpRig(
  make: MakeRig,
  weights: readonly number[],
  settings: Partial<PlaneServiceSettings> = {},
): Promise<UdpRig> {
  const rig = await make(weights, { settings });
  const port: PlanePort = { vip: VIP, protocol: 'udp', port: rig.port, serverPort: rig.port };
  const open: { close(): Promise<void> }[] = [];
  onTestFinished(async () => {
    await Promise.all(open.map((one) => one.close()));
  });
  const servers = new Map<string, UdpServer>();
  async function startServer(name: string): Promise<void> {
    const server = await serveUdp(name, addressOf(name), rig.port);
    servers.set(name, server);
    open.push(server);
  }
  for (const name of rig.servers.keys()) await startServer(name);
  const change = (fields: Partial<Rig['state']['services'][number]>): Promise<void> =>
    rig.apply({ ...rig.state, services: rig.state.services.map((s) => ({ ...s, ...fields })) });
  const tcp = rig.state.services[0]!.ports;
  await change({ ports: [...tcp, port] });
  async function dial(to: Partial<PlanePort> = {}): Promise<UdpClient> {
    const client = await dialUdp(to.vip ?? VIP, to.port ?? rig.port);
    open.push(client);
    return client;
  }
  return {
    rig,
    port,
    servers,
    startServer,
    keep: (one) => open.push(one),
    dial,
    async dialMany(count) {
      const clients = await Promise.all(Array.from({ length: count }, () => dial()));
      const names = await namesOf(clients);
      return clients.map((client, i) => ({ client, server: names[i] ?? '' }));
    },
    setPorts: (ports) => change({ ports: [...tcp, ...ports] }),
    setSettings: (some) => change({ settings: { ...rig.state.services[0]!.settings, ...some } }),
    portCounters() {
      const found = rig.plane.counters().ports.find((p) => p.protocol === 'udp');
      if (!found) throw new Error('no counters of a UDP port');
      return found;
    },
  };
}

/** Sends `?` and reads the server's name. */
export async function nameOf(client: UdpClient): Promise<string> {
  return (await client.ask('?')).toString();
}

/** As many as surely fit into the queue of a socket that is not read for a while: UDP drops what does not. */
const AT_ONCE = 50;

export async function namesOf(clients: readonly UdpClient[]): Promise<string[]> {
  const names: string[] = [];
  for (let i = 0; i < clients.length; i += AT_ONCE) {
    names.push(...(await Promise.all(clients.slice(i, i + AT_ONCE).map(nameOf))));
  }
  return names;
}
