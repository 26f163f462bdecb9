import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { freePort, PORTS, SERVERS, VIPS } from '../addresses.ts';
import { processTree, start, stop } from '../processes.ts';
import { answersOk, echoes, waitUntil } from '../wait.ts';
import type { Peer } from './peer.ts';

const VIP = VIPS.poolgate;
const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const PACKAGE = fileURLToPath(new URL('../../package.json', import.meta.url));

/** Poolgate as it comes: the proxy plane with two workers, its checks and its admin API. */
export const poolgate: Peer = {
  title: 'Poolgate',
  setting: 'proxy plane, 2 workers, wlc, tcp checks each 5 s, 30 min idle, admin API on',
  wants: 'src/main.ts',
  async version() {
    if (!existsSync(MAIN)) return undefined;
    return `${JSON.parse(readFileSync(PACKAGE, 'utf8')).version} on Node.js ${process.version}`;
  },
  async start(folder, { profile }) {
    const admin = `127.0.0.1:${await freePort()}`;
    const file = join(folder, 'poolgate.yaml');
    writeFileSync(file, stringify(config(admin)));
    const flags = profile ? ['--perf-basic-prof', '--interpreted-frames-native-stack'] : [];
    const env = { POOLGATE_STATE_DIR: join(folder, 'state'), POOLGATE_WORKERS: '2' };
    const started = start(process.execPath, [...flags, MAIN, 'run', file], env);
    await waitUntil('Poolgate', started, () => answersOk(`http://${admin}/healthz`));
    await waitUntil('Poolgate', started, () => echoes(VIP));
    const pid = started.child.pid ?? 0;
    return { addresses: [VIP], pids: () => processTree(pid), stop: () => stop(started, 'SIGTERM', 20_000) };
  },
};

function config(admin: string) {
  return {
    version: 1,
    dataPlane: 'proxy',
    admin: { listen: admin },
    shutdownTimeout: '1s',
    pools: [
      {
        name: 'bench',
        healthChecks: [{ type: 'tcp', port: PORTS.small, interval: '5s', timeout: '3s', rise: 2, fall: 3 }],
        realServers: SERVERS.map((address, i) => ({ name: `s${i + 1}`, address })),
      },
    ],
    virtualServices: [
      {
        name: 'bench',
        vip: VIP,
        pool: 'bench',
        ports: Object.values(PORTS),
        scheduler: 'wlc',
        timeouts: { connect: '4s', idle: '30m' },
      },
    ],
  };
}
