/**
 * For each peer two namespaces, its clients' and its own, and for all of them one with the servers:
 *
 *   clients  198.18.N.10 to .25 ── 198.18.N.1, VIP .2  peer N  198.19.N.1, .44 to .47 ── 198.19.N.51 and .52  servers
 *
 * (RFC 2544 has these networks for benchmarks.) A peer's namespace of its own keeps conntrack, which any rule that
 * looks at a connection switches on for a whole namespace, away from those that do without it.
 */
import { spawnSync } from 'node:child_process';
import type { PeerName } from '../peers/index.ts';
import { run } from '../processes.ts';
import type { Place, Site } from './group.ts';

const CLIENTS = { first: 10, count: 16 } as const;
const SOURCES = [44, 45, 46, 47] as const;
const SERVERS = [51, 52] as const;

/** As many ports as there are, and those in TIME_WAIT again after a second, as on loopback. */
const SYSCTLS = {
  'net/ipv4/ip_local_port_range': '1024 65535',
  'net/ipv4/tcp_tw_reuse': '1',
} as const;

export interface BuiltNetwork {
  readonly servers: Place;
  siteOf(peer: PeerName): Site;
  remove(): void;
}

const standing = new Set<string>();
process.on('exit', () => removeAll([...standing]));

let made = 0;

/** @param all gives each peer its number, whichever of them are built */
export async function buildNetwork(
  all: readonly PeerName[],
  peers: readonly PeerName[],
): Promise<BuiltNetwork> {
  made += 1;
  const prefix = `pgb${process.pid}-${made}`;
  const servers = `${prefix}-servers`;
  const own: string[] = [];
  const remove = (): void => removeAll(own);
  const add = async (name: string, sysctls: Record<string, string>): Promise<void> => {
    standing.add(name);
    own.push(name);
    await run('ip', ['netns', 'add', name]);
    const lines = Object.entries(sysctls).map(([key, value]) => `echo ${value} >/proc/sys/${key}`);
    await run('ip', ['netns', 'exec', name, 'sh', '-ec', ['ip link set lo up', ...lines].join('\n')]);
  };
  try {
    await add(servers, SYSCTLS);
    for (const peer of peers) {
      const number = all.indexOf(peer) + 1;
      await add(`${prefix}-c${number}`, SYSCTLS);
      await add(`${prefix}-b${number}`, { ...SYSCTLS, 'net/ipv4/ip_forward': '1' });
      await connect(prefix, servers, number);
    }
  } catch (error) {
    remove();
    throw error;
  }
  const siteOf = (peer: PeerName): Site => siteAt(prefix, all.indexOf(peer) + 1);
  return { servers: inside(servers), siteOf, remove };
}

async function connect(prefix: string, servers: string, n: number): Promise<void> {
  const [client, balancer] = [`${prefix}-c${n}`, `${prefix}-b${n}`];
  const sources = range(CLIENTS.first, CLIENTS.count);
  await batch(balancer, [
    `link add clients type veth peer name eth0 netns ${client}`,
    `link add servers type veth peer name s${n} netns ${servers}`,
    ...up('clients', [`198.18.${n}.1/24`, `198.18.${n}.2/32`]),
    ...up('servers', [`198.19.${n}.1/24`, ...SOURCES.map((last) => `198.19.${n}.${last}/32`)]),
  ]);
  await batch(client, [
    ...up(
      'eth0',
      sources.map((last) => `198.18.${n}.${last}/24`),
    ),
    `route add 198.19.${n}.0/24 via 198.18.${n}.1`,
  ]);
  await batch(servers, [
    ...up(
      `s${n}`,
      SERVERS.map((last) => `198.19.${n}.${last}/24`),
    ),
    `route add 198.18.${n}.0/24 via 198.19.${n}.1`,
  ]);
}

function siteAt(prefix: string, n: number): Site {
  const balancer = inside(`${prefix}-b${n}`);
  return {
    vip: `198.18.${n}.2`,
    servers: SERVERS.map((last) => `198.19.${n}.${last}`),
    clients: { first: `198.18.${n}.${CLIENTS.first}`, count: CLIENTS.count },
    sources: SOURCES.map((last) => `198.19.${n}.${last}`),
    balancer,
    client: inside(`${prefix}-c${n}`),
    async tidy() {
      const [command = '', ...words] = balancer;
      await run(command, [...words, 'conntrack', '-F']);
    },
  };
}

function inside(namespace: string): Place {
  return ['ip', 'netns', 'exec', namespace];
}

function up(name: string, addresses: readonly string[]): string[] {
  return [`link set ${name} up`, ...addresses.map((address) => `address add ${address} dev ${name}`)];
}

function batch(namespace: string, lines: readonly string[]): Promise<string> {
  return run('ip', ['-n', namespace, '-batch', '-'], `${lines.join('\n')}\n`);
}

function range(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => first + i);
}

function removeAll(names: readonly string[]): void {
  for (const name of names) {
    spawnSync('ip', ['netns', 'del', name]);
    standing.delete(name);
  }
}
