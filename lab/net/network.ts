/**
 * The lab's network: a client, a balancer and servers, each a namespace, joined by veth pairs to a bridge that stands
 * in a namespace of its own. Nothing is made in the machine's own namespace, so removing the namespaces removes all.
 *
 *     client 10.0.0.10 ──┐
 *   balancer 10.0.0.5  ──┼── bridge ──┬── fe01 10.0.0.41
 *        VIP 10.0.0.40   │            ├── fe02 10.0.0.42
 *                                     └── fe03 10.0.0.43      and 2001:db8::10, ::5, ::40, ::41 …
 */
import { rm } from 'node:fs/promises';
import { must } from './exec.ts';
import { Host } from './host.ts';
import { makeDirectory, namespaceName, nextNetwork, removeNamespaces } from './names.ts';

export const VIP = '10.0.0.40';
export const VIP6 = '2001:db8::40';

export interface NetworkOptions {
  /** How many servers: fe01, fe02 …; default 3. */
  readonly servers?: number;
  /** Whether the balancer has the VIPs already (the default); Poolgate adds them itself where its config names eth0. */
  readonly vips?: boolean;
}

export class Network {
  readonly client: Host;
  readonly balancer: Host;
  readonly servers: readonly Host[];
  /** A directory for this network's files, removed with it. */
  readonly directory: string;
  private readonly namespaces: readonly string[];

  private constructor(hosts: readonly Host[], namespaces: readonly string[], directory: string) {
    const [client, balancer, ...servers] = hosts;
    if (!client || !balancer) throw new Error('a network needs a client and a balancer');
    this.client = client;
    this.balancer = balancer;
    this.servers = servers;
    this.namespaces = namespaces;
    this.directory = directory;
  }

  static async create(options: NetworkOptions = {}): Promise<Network> {
    const number = nextNetwork();
    const host = (role: string, last: number): Host =>
      new Host(role, namespaceName(number, role), `10.0.0.${last}`, `2001:db8::${last}`);
    const hosts = [host('client', 10), host('balancer', 5)];
    for (let i = 1; i <= (options.servers ?? 3); i += 1) hosts.push(host(`fe0${i}`, 40 + i));
    const bridge = namespaceName(number, 'bridge');
    const namespaces = [bridge, ...hosts.map((one) => one.namespace)];
    const directory = await makeDirectory();
    const network = new Network(hosts, namespaces, directory);
    try {
      await ipBatch(namespaces.map((name) => `netns add ${name}`));
      await ipBatch(wires(bridge, hosts));
      for (const one of hosts) await ipBatch(addresses(one, options.vips ?? true), one.namespace);
      await ipBatch(switchOn(hosts), bridge);
    } catch (error) {
      await network.close();
      throw error;
    }
    return network;
  }

  get hosts(): readonly Host[] {
    return [this.client, this.balancer, ...this.servers];
  }

  /** The server of this number, from 1. */
  server(number: number): Host {
    const found = this.servers[number - 1];
    if (!found) throw new Error(`this network has no server ${number}`);
    return found;
  }

  async close(): Promise<void> {
    await Promise.all(this.hosts.map((host) => host.stopAll()));
    await removeNamespaces(this.namespaces);
    await rm(this.directory, { recursive: true, force: true });
  }
}

function wires(bridge: string, hosts: readonly Host[]): string[] {
  return hosts.map(
    (host) => `link add eth0 netns ${host.namespace} type veth peer name ${host.role} netns ${bridge}`,
  );
}

function addresses(host: Host, withVips: boolean): string[] {
  const own = [`addr add ${host.ipv4}/24 dev eth0`, `addr add ${host.ipv6}/64 dev eth0 nodad`];
  // Poolgate without an interface in its config expects the VIP to be there already.
  const vips = [`addr add ${VIP}/24 dev eth0`, `addr add ${VIP6}/64 dev eth0 nodad`];
  return [
    'link set lo up',
    'link set eth0 up',
    ...own,
    ...(host.role === 'balancer' && withVips ? vips : []),
  ];
}

function switchOn(hosts: readonly Host[]): string[] {
  // Snooping would drop neighbour solicitations until the bridge has learned who listens.
  const bridge = ['link add br0 type bridge mcast_snooping 0', 'link set br0 up'];
  return [...bridge, ...hosts.map((host) => `link set ${host.role} master br0 up`)];
}

async function ipBatch(lines: readonly string[], namespace?: string): Promise<void> {
  const where = namespace ? ['-netns', namespace] : [];
  await must('ip', [...where, '-batch', '-'], { input: `${lines.join('\n')}\n` });
}
