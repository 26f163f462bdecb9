/** `openssl s_client` as a TLS client that checks the server's certificate. */
import { stopChild } from '../net/exec.ts';
import type { Host } from '../net/host.ts';
import { waitFor } from '../net/wait.ts';
import { POOL_FQDN } from '../servers/certificates.ts';

export interface TlsTalk {
  /** Subject of the certificate that came, e.g. `CN = fe01.contoso.com`. */
  readonly subject: string;
  /** OpenSSL's verdict, `0 (ok)` when authority and pool name fit. */
  readonly verdict: string;
  readonly output: string;
}

/**
 * Opens TLS to `host:port`, sends `text`, waits until what comes matches `until`, and ends.
 * @throws Error with all that openssl said if that does not come
 */
export async function tlsTalk(
  client: Host,
  argument: { host: string; port: number; authority: string; text: string; until: RegExp },
): Promise<TlsTalk> {
  const where = argument.host.includes(':') ? `[${argument.host}]` : argument.host;
  const place = ['-connect', `${where}:${argument.port}`, '-servername', POOL_FQDN];
  const trust = ['-CAfile', argument.authority, '-verify_hostname', POOL_FQDN, '-verify_return_error'];
  const child = client.start('openssl', ['s_client', ...place, ...trust, '-ign_eof', '-nocommands']);
  let output = '';
  const hear = (chunk: Buffer): void => void (output += chunk.toString('latin1'));
  child.stdout?.on('data', hear);
  child.stderr?.on('data', hear);
  child.stdin?.on('error', () => undefined);
  child.stdin?.write(argument.text);
  try {
    await waitFor(`the TLS server to say ${argument.until}`, () => argument.until.test(output), {
      timeoutMs: 8000,
    });
  } catch {
    throw new Error(`openssl s_client did not get ${argument.until}; it said:\n${output}`);
  } finally {
    await stopChild(child);
  }
  const subject = /^subject=(.*)$/m.exec(output)?.[1]?.trim() ?? '';
  const verdict = /Verify return code: (.*)$/m.exec(output)?.[1]?.trim() ?? '';
  return { subject, verdict, output };
}

/** A SIP OPTIONS request over TLS. */
export function sipOptions(callId: string): string {
  return [
    `OPTIONS sip:${POOL_FQDN} SIP/2.0`,
    `Via: SIP/2.0/TLS client.contoso.com:5061;branch=z9hG4bK${callId};rport`,
    'From: <sip:probe@contoso.com>;tag=1',
    `To: <sip:${POOL_FQDN}>`,
    `Call-ID: ${callId}`,
    'CSeq: 1 OPTIONS',
    'Max-Forwards: 70',
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
}
