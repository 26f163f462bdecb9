import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PORTS } from '../addresses.ts';
import type { Site } from '../groups/group.ts';
import { echoes } from '../load.ts';
import { descriptorLimit, firstLine, processTree, startIn, stop } from '../processes.ts';
import { waitUntil } from '../wait.ts';
import type { Peer } from './peer.ts';

/** HAProxy as a careful administrator would set it for long TCP connections. */
export const haproxy: Peer = {
  title: 'HAProxy',
  setting:
    'nbthread 2, mode tcp, leastconn, tcp checks each 5 s, 30 min idle, maxconn 20000 (or what the descriptors allow), no log',
  wants: 'the Debian package haproxy',
  async version() {
    return (await firstLine('haproxy', ['-v']))?.match(/version (\S+)/)?.[1];
  },
  async start(site, folder) {
    const file = join(folder, 'haproxy.cfg');
    writeFileSync(file, config(site));
    const started = startIn(site.balancer, 'haproxy', ['-db', '-f', file]);
    await waitUntil('HAProxy', started, () => echoes(site, site.vip));
    const pid = started.child.pid ?? 0;
    return { site, addresses: [site.vip], pids: () => processTree(pid), stop: () => stop(started) };
  },
};

function config({ vip, servers }: Site): string {
  // Two descriptors a connection; HAProxy does not start when the hard limit is below that.
  const most = Math.min(20_000, Math.floor((descriptorLimit() - 100) / 2));
  return [
    'global',
    '  nbthread 2',
    `  maxconn ${most}`,
    'defaults',
    '  mode tcp',
    '  balance leastconn',
    `  maxconn ${most}`,
    '  timeout connect 4s',
    '  timeout client 30m',
    '  timeout server 30m',
    '  timeout check 3s',
    '  option redispatch',
    '  retries 1',
    ...Object.entries(PORTS).flatMap(([name, port]) => [
      `listen ${name}`,
      `  bind ${vip}:${port}`,
      ...servers.map((address, i) => `  server s${i + 1} ${address}:${port} check inter 5s rise 2 fall 3`),
    ]),
    '',
  ].join('\n');
}
