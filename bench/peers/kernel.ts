import { fileURLToPath } from 'node:url';
import { echoes } from '../load.ts';
import { processTree, run, startIn, stop } from '../processes.ts';
import { waitUntil } from '../wait.ts';
import type { Peer } from './peer.ts';

const PLANE = fileURLToPath(new URL('plane.ts', import.meta.url));
const BUILD = fileURLToPath(new URL('../../scripts/build-bpf.sh', import.meta.url));

/** Programs at the clients' interface choose and count, nftables and conntrack translate. */
export const kernel: Peer = {
  title: 'Poolgate, kernel plane',
  setting: 'the plane by itself, two arms, wlc, four source addresses, 30 min idle, no checks',
  wants: 'clang and libbpf-dev, and a kernel with BTF',
  version: () =>
    run('sh', [BUILD]).then(
      () => `on Node.js ${process.version}`,
      () => undefined,
    ),
  async start(site) {
    const { vip, servers, sources } = site;
    const what = JSON.stringify({ vip, servers, sources, interfaces: ['clients', 'servers'] });
    const args = ['--disable-warning=ExperimentalWarning', PLANE, what];
    const started = startIn(site.balancer, process.execPath, args);
    await waitUntil('kernel plane', started, () => echoes(site, vip));
    const pid = started.child.pid ?? 0;
    return { site, addresses: [vip], pids: () => processTree(pid), stop: () => stop(started) };
  },
};
