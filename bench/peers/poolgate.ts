import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { freePort, PORTS } from '../addresses.ts';
import type { Site } from '../groups/group.ts';
import { echoes } from '../load.ts';
import { processTree, run, startIn, stop } from '../processes.ts';
import { waitUntil } from '../wait.ts';
import type { Peer } from './peer.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const BUILD_BPF = fileURLToPath(new URL('../../scripts/build-bpf.sh', import.meta.url));
const PACKAGE = fileURLToPath(new URL('../../package.json', import.meta.url));

/** Poolgate as it comes: the proxy plane with two workers, its checks and its admin API. */
export const poolgate = peer('Poolgate', {
  setting: 'proxy plane, 2 workers, wlc, tcp checks each 5 s, 30 min idle, admin API on',
  services: (vip) => [service('bench', vip, Object.values(PORTS))],
});

/** The same with all that is looked at when a connection comes: persistence, limits, and more services than one. */
export const poolgateFull = peer('Poolgate, all on', {
  setting:
    'the same, with source-IP persistence, limits of connections and of sources that nobody reaches, and four services of 13 ports',
  services: (vip) => [
    service('bench', vip, [...Object.values(PORTS), ...OTHER_PORTS.slice(2)], GUARDED),
    ...OTHER_VIPS.map((other, i) => service(`other${i + 1}`, other, OTHER_PORTS, GUARDED)),
  ],
});

/** The kernel plane with two arms; programs and rules forward, the process checks servers and answers questions. */
export const kernel = peer('Poolgate, kernel plane', {
  setting:
    'kernel plane, two arms, wlc, four source addresses, tcp checks each 5 s, 30 min idle, admin API on',
  services: (vip, { sources }) => [service('bench', vip, Object.values(PORTS), { snatPool: sources })],
  base: {
    dataPlane: 'kernel',
    topology: { mode: 'two-armed', clientInterface: 'clients', serverInterface: 'servers' },
  },
  wants: 'clang and libbpf-dev, and a kernel with BTF',
  prepare: () => run('sh', [BUILD_BPF]),
});

const OTHER_VIPS = ['127.83.0.5', '127.83.0.6', '127.83.0.7'];
const OTHER_PORTS = Array.from({ length: 13 }, (_, i) => 21_101 + i);
const GUARDED = {
  persistence: { type: 'source-ip', timeout: '30m', maxEntries: 10_240 },
  maxConnections: 40_000,
  limits: { newConnectionsPerSecondPerSource: 100_000, connectionsPerSource: 20_000 },
};

interface Kind {
  readonly setting: string;
  readonly services: (vip: string, site: Site) => object[];
  /** Keys of the config in place of those of the proxy plane. */
  readonly base?: object;
  readonly wants?: string;
  /** What it needs; that it fails means that the peer cannot run here. */
  readonly prepare?: () => Promise<unknown>;
}

function peer(title: string, { setting, services, base, wants = 'src/main.ts', prepare }: Kind): Peer {
  return {
    title,
    setting,
    wants,
    async version() {
      if (!existsSync(MAIN)) return undefined;
      if ((await prepare?.().catch(() => null)) === null) return undefined;
      return `${JSON.parse(readFileSync(PACKAGE, 'utf8')).version} on Node.js ${process.version}`;
    },
    async start(site, folder, { profile }) {
      const admin = `127.0.0.1:${await freePort()}`;
      const file = join(folder, 'poolgate.yaml');
      writeFileSync(file, stringify({ ...config(site, admin, services(site.vip, site)), ...base }));
      const flags = profile ? ['--perf-basic-prof', '--interpreted-frames-native-stack'] : [];
      const env = { POOLGATE_STATE_DIR: join(folder, 'state'), POOLGATE_WORKERS: '2' };
      const args = [...flags, MAIN, 'run', file];
      const started = startIn(site.balancer, process.execPath, args, env);
      await waitUntil(title, started, () => echoes(site, site.vip));
      const pid = started.child.pid ?? 0;
      return {
        site,
        addresses: [site.vip],
        pids: () => processTree(pid),
        stop: () => stop(started, 'SIGTERM', 20_000),
      };
    },
  };
}

function config({ servers }: Site, admin: string, virtualServices: readonly object[]) {
  return {
    version: 1,
    dataPlane: 'proxy',
    admin: { listen: admin },
    shutdownTimeout: '1s',
    pools: [
      {
        name: 'bench',
        healthChecks: [{ type: 'tcp', port: PORTS.small, interval: '5s', timeout: '3s', rise: 2, fall: 3 }],
        realServers: servers.map((address, i) => ({ name: `s${i + 1}`, address })),
      },
    ],
    virtualServices,
  };
}

function service(name: string, vip: string, ports: readonly number[], more: object = {}) {
  return {
    name,
    vip,
    pool: 'bench',
    ports,
    scheduler: 'wlc',
    timeouts: { connect: '4s', idle: '30m' },
    ...more,
  };
}
