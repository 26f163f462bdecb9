import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PORTS } from '../addresses.ts';
import type { Site } from '../groups/group.ts';
import { echoes } from '../load.ts';
import { descriptorLimit, firstLine, processTree, startIn, stop } from '../processes.ts';
import { waitUntil } from '../wait.ts';
import type { Peer } from './peer.ts';

const STREAM_MODULE = '/usr/lib/nginx/modules/ngx_stream_module.so';

/** nginx's stream module, one server list in shared memory so that both workers count alike. */
export const nginx: Peer = {
  title: 'nginx stream',
  setting: 'worker_processes 2, least_conn with a shared zone, reuseport, proxy_timeout 30m, no log',
  wants: 'the Debian packages nginx and libnginx-mod-stream',
  async version() {
    if (!existsSync(STREAM_MODULE)) return undefined;
    return (await firstLine('nginx', ['-v']))?.match(/nginx\/(\S+)/)?.[1];
  },
  async start(site, folder) {
    const file = join(folder, 'nginx.conf');
    writeFileSync(file, config(site, folder));
    const args = ['-p', folder, '-e', join(folder, 'nginx-error.log'), '-c', file];
    const started = startIn(site.balancer, 'nginx', args);
    await waitUntil('nginx', started, () => echoes(site, site.vip));
    const pid = started.child.pid ?? 0;
    return { site, addresses: [site.vip], pids: () => processTree(pid), stop: () => stop(started) };
  },
};

function config({ vip, servers }: Site, folder: string): string {
  const descriptors = Math.min(20_000, descriptorLimit());
  return [
    `load_module ${STREAM_MODULE};`,
    'daemon off;',
    'worker_processes 2;',
    `worker_rlimit_nofile ${descriptors};`,
    `pid ${folder}/nginx.pid;`,
    'error_log stderr crit;',
    `events { worker_connections ${descriptors - 100}; }`,
    'stream {',
    '  proxy_connect_timeout 4s;',
    '  proxy_timeout 30m;',
    ...Object.entries(PORTS).flatMap(([name, port]) => [
      `  upstream ${name} {`,
      `    zone ${name} 64k;`,
      '    least_conn;',
      ...servers.map((address) => `    server ${address}:${port};`),
      '  }',
      `  server { listen ${vip}:${port} reuseport backlog=4096; proxy_pass ${name}; }`,
    ]),
    '}',
    '',
  ].join('\n');
}
