/** nginx as a Front End's web services: HTTPS on some ports, each of which says who it is. */
import type { ChildProcess } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stopChild } from '../net/exec.ts';
import type { Host } from '../net/host.ts';
import { waitFor } from '../net/wait.ts';
import { type Certificate, POOL_FQDN } from './certificates.ts';
import { listens } from './kamailio.ts';

const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

function config(host: Host, folder: string, ports: readonly number[], tls: Certificate): string {
  const sites = ports.map(
    (port) => `  server {
    listen ${port} ssl;
    server_name ${POOL_FQDN};
    location / { default_type text/plain; return 200 "I am ${host.role}:${port}\\n"; }
  }`,
  );
  return `daemon off;
master_process off;
error_log stderr error;
pid ${folder}/pid;
events { worker_connections 1024; }
http {
  access_log off;
${TEMPORARY.map((name) => `  ${name}_temp_path ${folder}/${name};`).join('\n')}
  ssl_certificate ${tls.certificate};
  ssl_certificate_key ${tls.key};
${sites.join('\n')}
}
`;
}

export class Nginx {
  private readonly child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.child = child;
  }

  static async start(
    host: Host,
    directory: string,
    ports: readonly number[],
    tls: Certificate,
  ): Promise<Nginx> {
    const folder = join(directory, `${host.role}-nginx`);
    await mkdir(folder, { recursive: true });
    const file = join(folder, 'nginx.conf');
    await writeFile(file, config(host, folder, ports, tls));
    const child = host.start('nginx', ['-e', 'stderr', '-p', folder, '-c', file]);
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await waitFor(`nginx on ${host.role} to listen`, () => {
      if (child.exitCode !== null) throw new Error(`nginx ended: ${said}`);
      return listens(host, ports);
    });
    return new Nginx(child);
  }

  stop(): Promise<void> {
    return stopChild(this.child);
  }
}
