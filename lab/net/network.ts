/**
 * The lab's network: a client, a balancer and servers, each a namespace, joined by veth pairs to bridges that stand in a
 * namespace of their own. Nothing is made in the machine's own namespace but a file system for BPF, in the network's
 * directory; so removing the namespaces and the directory removes all. See arms.ts for the three ways to stand.
 */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plane } from '../planes.ts';
import { type Arms, type Layout, layoutOf } from './arms.ts';
import { must, run } from './exec.ts';
import { Host } from './host.ts';
import { BPF_FOLDER, makeDirectory, namespaceName, nextNetwork, removeNamespaces } from './names.ts';

export const VIP = '10.0.0.40';
export const VIP6 = '2001:db8::40';

export interface NetworkOptions {
  /** What the balancer will run on; the kernel plane needs a file system for BPF. Default proxy. */
  readonly plane?: Plane;
  /** How the balancer stands; default one-armed. */
  readonly arms?: Arms;
  /** How many servers: fe01, fe02 …; default 3. */
  readonly servers?: number;
  /**
   * Whether the balancer has the VIPs already; Poolgate adds them itself where its config names an interface, which takes
   * the seconds of the search for a duplicate. Default yes, but not where a bridge is to have them.
   */
  readonly vips?: boolean;
}

export class Network {
  readonly client: Host;
  readonly balancer: Host;
  readonly servers: readonly Host[];
  readonly layout: Layout;
  /** A directory for this network's files, removed with it. */
  readonly directory: string;
  private readonly number: number;
  private readonly bridges: string;
  private readonly others: Host[] = [];

  private constructor(number: number, layout: Layout, servers: number, directory: string) {
    this.number = number;
    this.layout = layout;
    this.directory = directory;
    this.bridges = namespaceName(number, 'bridge');
    this.client = this.hostOf('client', '10.0.0.', '2001:db8::', 10);
    this.balancer = this.hostOf('balancer', '10.0.0.', '2001:db8::', 5);
    const { prefix, prefix6 } = layout.serverSide;
    this.servers = Array.from({ length: servers }, (_, i) =>
      this.hostOf(`fe0${i + 1}`, prefix, prefix6, 41 + i),
    );
  }

  static async create(options: NetworkOptions = {}): Promise<Network> {
    const layout = layoutOf(options.arms ?? 'one-armed');
    const network = new Network(nextNetwork(), layout, options.servers ?? 3, await makeDirectory());
    try {
      await network.build(options.vips ?? layout.arms !== 'transparent');
      if (options.plane === 'kernel') await network.mountBpf();
    } catch (error) {
      await network.close();
      throw error;
    }
    return network;
  }

  get hosts(): readonly Host[] {
    return [this.client, this.balancer, ...this.servers, ...this.others];
  }

  /** The server of this number, from 1. */
  server(number: number): Host {
    const found = this.servers[number - 1];
    if (!found) throw new Error(`this network has no server ${number}`);
    return found;
  }

  /** One machine more, without a wire; a scenario connects it with `wire`. */
  async add(role: string, ipv4: string, ipv6: string): Promise<Host> {
    const host = new Host(role, namespaceName(this.number, role), ipv4, ipv6);
    this.others.push(host);
    await must('ip', ['netns', 'add', host.namespace]);
    await ipBatch(['link set lo up'], host.namespace);
    return host;
  }

  /** A wire between interfaces of two machines, both up; or from one machine to a bridge. */
  async wire(one: Host, name: string, to: { host: Host; name: string } | 'br0' | 'br1'): Promise<void> {
    const far = typeof to === 'string' ? { place: this.bridges, name: one.role } : endOf(to);
    const peer = `peer name ${far.name} netns ${far.place}`;
    await ipBatch([`link add ${name} netns ${one.namespace} type veth ${peer}`]);
    await ipBatch([`link set ${name} up`], one.namespace);
    const plug = typeof to === 'string' ? `master ${to} ` : '';
    await ipBatch([`link set ${far.name} ${plug}up`], far.place);
  }

  async close(): Promise<void> {
    await Promise.all(this.hosts.map((host) => host.stopAll()));
    await removeNamespaces([this.bridges, ...this.hosts.map((host) => host.namespace)]);
    if (this.balancer.bpf !== null) await run('umount', [this.balancer.bpf]);
    await rm(this.directory, { recursive: true, force: true });
  }

  private hostOf(role: string, prefix: string, prefix6: string, last: number): Host {
    return new Host(role, namespaceName(this.number, role), `${prefix}${last}`, `${prefix6}${last}`);
  }

  private async build(withVips: boolean): Promise<void> {
    const { bridges, layout } = this;
    await ipBatch([bridges, ...this.hosts.map((one) => one.namespace)].map((name) => `netns add ${name}`));
    await ipBatch(layout.wires(this).map((wire) => `${wire} netns ${bridges}`));
    for (const host of this.hosts) await ipBatch(layout.inside(host, this), host.namespace);
    if (withVips) await ipBatch(vips(), this.balancer.namespace);
    await ipBatch(layout.bridging(this), bridges);
  }

  private async mountBpf(): Promise<void> {
    const folder = join(this.directory, BPF_FOLDER);
    await mkdir(folder);
    await must('mount', ['-t', 'bpf', 'bpf', folder]);
    this.balancer.bpf = folder;
  }
}

function endOf({ host, name }: { host: Host; name: string }): { place: string; name: string } {
  return { place: host.namespace, name };
}

/** Poolgate without an interface in its config expects the VIPs to be there already. */
function vips(): string[] {
  return [`addr add ${VIP}/24 dev eth0`, `addr add ${VIP6}/64 dev eth0 nodad`];
}

/** Runs lines of `ip` in a namespace, in the machine's own if none is named. */
export async function ipBatch(lines: readonly string[], namespace?: string): Promise<void> {
  const where = namespace ? ['-netns', namespace] : [];
  await must('ip', [...where, '-batch', '-'], { input: `${lines.join('\n')}\n` });
}
