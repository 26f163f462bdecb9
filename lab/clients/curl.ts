/** curl as a web client that knows the pool by its name. */
import type { Host } from '../net/host.ts';
import { POOL_FQDN } from '../servers/certificates.ts';

export interface CurlResult {
  /** curl's exit code: 0 fine, 7 refused, 35 TLS failed, 60 certificate not trusted. */
  readonly code: number | null;
  readonly body: string;
}

/** GET https://ocspool.contoso.com:PORT/ on a connection of its own, with the pool's name leading to `address`. */
export async function curl(
  client: Host,
  argument: { address: string; port: number; authority: string },
): Promise<CurlResult> {
  const where = argument.address.includes(':') ? `[${argument.address}]` : argument.address;
  const trust = ['-sS', '--max-time', '8', '--cacert', argument.authority];
  const place = [
    '--resolve',
    `${POOL_FQDN}:${argument.port}:${where}`,
    `https://${POOL_FQDN}:${argument.port}/`,
  ];
  const done = await client.run('curl', [...trust, ...place]);
  return { code: done.code, body: done.stdout };
}
