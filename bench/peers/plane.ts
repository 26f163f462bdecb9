/** The kernel plane by itself, without checks of servers: what a balancer costs that only forwards. */
import { EMPTY_STATE, type DesiredState } from '../../src/dataplane/dataplane.ts';
import { diffDesired } from '../../src/dataplane/diff.ts';
import { createKernelPlane } from '../../src/dataplane/kernel/plane.ts';
import { PLAIN_SERVER, PLAIN_SERVICE } from '../../src/dataplane/plain.ts';
import { PORTS } from '../addresses.ts';

const { vip, servers, sources, interfaces } = JSON.parse(process.argv[2] ?? '') as Record<
  'servers' | 'sources' | 'interfaces',
  string[]
> & { vip: string };

const desired: DesiredState = {
  pools: [
    {
      name: 'bench',
      fallback: null,
      servers: servers.map((address, i) => ({
        ...PLAIN_SERVER,
        name: `s${i + 1}`,
        address,
        weight: 1,
        selectable: true,
      })),
    },
  ],
  services: [
    {
      name: 'bench',
      settings: {
        ...PLAIN_SERVICE,
        pool: 'bench',
        scheduler: 'wlc',
        redispatch: true,
        snat: { addresses: sources, ports: null },
        connectTimeoutMs: 4000,
        idleTimeoutMs: 1_800_000,
        udpIdleMs: 60_000,
      },
      ports: Object.values(PORTS).map((port) => ({ vip, protocol: 'tcp', port, serverPort: port })),
    },
  ],
};

const plane = await createKernelPlane({
  interfaces,
  forwarding: { allow: 'nothing', interfaces },
  noRedirects: [],
  runFolder: null,
  pins: null,
  onTrouble: (message) => process.stderr.write(`${message}\n`),
});
await plane.apply(diffDesired(EMPTY_STATE, desired));
process.stdout.write('ready\n');
process.on('SIGTERM', () => void plane.close(0).then(() => process.exit()));
