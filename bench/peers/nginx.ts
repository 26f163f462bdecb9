import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PORTS, SERVERS, VIPS } from '../addresses.ts';
import { descriptorLimit, firstLine, processTree, start, stop } from '../processes.ts';
import { echoes, waitUntil } from '../wait.ts';
import type { Peer } from './peer.ts';

const VIP = VIPS.nginx;
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
  async start(folder) {
    const file = join(folder, 'nginx.conf');
    writeFileSync(file, config(folder));
    const started = start('nginx', ['-p', folder, '-e', join(folder, 'nginx-error.log'), '-c', file]);
    await waitUntil('nginx', started, () => echoes(VIP));
    const pid = started.child.pid ?? 0;
    return { addresses: [VIP], pids: () => processTree(pid), stop: () => stop(started) };
  },
};

function config(folder: string): string {
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
      ...SERVERS.map((address) => `    server ${address}:${port};`),
      '  }',
      `  server { listen ${VIP}:${port} reuseport backlog=4096; proxy_pass ${name}; }`,
    ]),
    '}',
    '',
  ].join('\n');
}
