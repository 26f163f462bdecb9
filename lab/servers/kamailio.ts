/** Kamailio as a Front End: registrar over TCP 5060 and TLS 5061; its Server header says which one it is. */
import type { ChildProcess } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from '../net/host.ts';
import { waitFor } from '../net/wait.ts';
import { type Certificate, POOL_FQDN } from './certificates.ts';

function config(host: Host, tls: Certificate): string {
  return `#!KAMAILIO
debug=1
log_stderror=yes
children=1
tcp_children=2
tcp_connection_lifetime=600
enable_tls=yes
listen=tcp:${host.ipv4}:5060
listen=tls:${host.ipv4}:5061
alias="${POOL_FQDN}"
server_header="Server: ${host.role}"
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "pv.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "textops.so"
loadmodule "tls.so"
modparam("tls", "certificate", "${tls.certificate}")
modparam("tls", "private_key", "${tls.key}")
modparam("tls", "tls_method", "TLSv1.2+")
request_route {
  force_rport();
  if (is_method("REGISTER")) { save("location"); exit; }
  if (is_method("OPTIONS")) { sl_send_reply("200", "OK"); exit; }
  if (!is_method("ACK")) { sl_send_reply("405", "Method Not Allowed"); }
}
`;
}

/** Starts it and waits until both ports listen. It ends with its host; the child is its first process. */
export async function startKamailio(host: Host, directory: string, tls: Certificate): Promise<ChildProcess> {
  const folder = join(directory, `${host.role}-kamailio`);
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'kamailio.cfg');
  await writeFile(file, config(host, tls));
  // -DD stays in the foreground; the control sockets and the pid file go to a directory of this run.
  const child = host.start('kamailio', ['-DD', '-E', '-m', '32', '-M', '4', '-f', file, '-Y', folder]);
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000)));
  await waitFor(`kamailio on ${host.role} to listen`, () => {
    if (child.exitCode !== null) throw new Error(`kamailio ended: ${said}`);
    return listens(host, [5060, 5061]);
  });
  return child;
}

/** Whether TCP listeners exist on all these ports. */
export async function listens(host: Host, ports: readonly number[]): Promise<boolean> {
  const table = await host.must('ss', ['-Hltn']);
  return ports.every((port) => new RegExp(`:${port}\\s`).test(table));
}
