/**
 * The same planted servers, asked by HAProxy itself where it has such a check: its words are ours, but for the few
 * differences that stand here with their reasons. Skipped where HAProxy is not installed (`npm test` installs it, as root on Debian).
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Behaviour } from './planted/behaviour.ts';
import { type Certificates, makeCertificates } from './planted/certificates.ts';
import { HOST, type Planted } from './planted/listen.ts';
import { TCP, tlsBehaviours } from './planted/tcp-and-tls.ts';
import { webBehaviours } from './planted/web.ts';

const installed = spawnSync('haproxy', ['-v']).status === 0;
const TIMEOUT_MS = 2500;

/** What HAProxy calls otherwise, and why we do not follow. */
const DIFFERENT: Readonly<Record<string, string>> = {
  // 1xx goes before an answer and is none (RFC 9110 15.2).
  'http: 100 and then 200': 'L7OK, HAProxy L7STS',
  'http: 100 without end': 'L7RSP, HAProxy L7STS',
  'http: 103 and nothing else': 'L7TOUT, HAProxy L7STS',
  // Who asks for a text in the page does not mean the page of an error.
  'http: 500 with the match': 'L7STS, HAProxy L7OK',
  'http: a status of four digits': 'L7RSP, HAProxy L7STS',
  // SOCKERR is kept for what says nothing about the server; a reset does.
  'http: resets at the request': 'L7RSP, HAProxy SOCKERR',
  'https: wants a certificate of us, by TLS 1.3': 'L7RSP, HAProxy SOCKERR',
};

/** HAProxy has no such check, or cannot be asked in the same way. */
function comparable({ type, tls, http, result }: Behaviour): boolean {
  const own = tls?.minDaysLeft !== undefined || result === 'SOCKERR' || http?.host !== undefined;
  return ['tcp', 'tls', 'http', 'https'].includes(type) && !own;
}

function configOf(rows: readonly (readonly [Behaviour, Planted])[], socket: string): string {
  const pools = rows.map(([{ type, tls, http }, { port }], i) => {
    const web = type === 'http' || type === 'https';
    const secure = type === 'tls' || type === 'https';
    const trust = tls?.verify
      ? `verify required ca-file ${tls.caFile ?? '/etc/ssl/certs/ca-certificates.crt'} verifyhost ${tls.serverName}`
      : 'verify none';
    const name = tls?.serverName ? `check-sni ${tls.serverName}` : '';
    const old = 'ssl-min-ver TLSv1.0 ciphers ALL:@SECLEVEL=0';
    return [
      `backend b${i}`,
      ...(web ? ['option httpchk', 'http-check send meth GET uri / ver HTTP/1.1 hdr Host x'] : []),
      ...(http?.expectStatus ? [`http-check expect status ${http.expectStatus.join(',')}`] : []),
      ...(http?.expectBody ? [`http-check expect string ${http.expectBody.replaceAll(' ', '\\ ')}`] : []),
      `server s ${HOST}:${port} check inter 3s fall 1 ${secure ? `check-ssl ${trust} ${name} ${old}` : ''}`,
    ].join('\n  ');
  });
  const timeouts = ['connect', 'check', 'server', 'client'].map((t) => `timeout ${t} ${TIMEOUT_MS}`);
  return [
    `global\n  stats socket ${socket} mode 600 level admin\n  nbthread 1\n  spread-checks 0`,
    `defaults\n  mode http\n  ${timeouts.join('\n  ')}`,
    ...pools,
    '',
  ].join('\n');
}

/** Pool and word of each server whose check has ended. */
async function words(socket: string): Promise<Map<string, string>> {
  const text = await new Promise<string>((done) => {
    let got = '';
    const asked = connect(socket, () => asked.write('show stat\n'));
    asked.on('data', (d) => (got += d.toString()));
    asked.on('error', () => done(''));
    asked.on('close', () => done(got));
  });
  const [head = '', ...lines] = text.split('\n');
  const at = head.split(',').indexOf('check_status');
  const rows = lines.map((line) => line.split(',')).filter((row) => row[1] === 's');
  return new Map(
    rows
      .map((row) => [row[0] ?? '', row[at] ?? ''])
      .filter(([, w]) => /^[A-Z]\w+$/.test(w ?? '') && w !== 'INI') as [string, string][],
  );
}

describe.skipIf(!installed)('HAProxy', async () => {
  const certificates: Certificates = await makeCertificates();
  const rows: (readonly [Behaviour, Planted])[] = [];
  let haproxy: ChildProcess | null = null;
  afterAll(async () => {
    haproxy?.kill();
    for (const [, planted] of rows) planted.close();
    await certificates.remove();
  });

  test('says the same, but for what is listed', async () => {
    for (const behaviour of [...TCP, ...tlsBehaviours(certificates), ...webBehaviours(certificates)].filter(
      comparable,
    )) {
      rows.push([behaviour, await behaviour.plant()]);
    }
    const socket = join(certificates.directory, 'stats');
    const file = join(certificates.directory, 'haproxy.cfg');
    writeFileSync(file, configOf(rows, socket));
    haproxy = spawn('haproxy', ['-db', '-f', file], { stdio: 'ignore' });
    // HAProxy spreads first checks over the interval; a check under way shows its last word with a star.
    const said = new Map<string, string>();
    const collect = async (): Promise<number> => {
      for (const [pool, word] of await words(socket)) said.set(pool, word);
      return said.size;
    };
    await expect.poll(collect, { timeout: 20_000 }).toBe(rows.length);
    const differences = rows.flatMap(([{ type, server, result }], i) => {
      const word = said.get(`b${i}`) ?? '';
      return word === result ? [] : [[`${type}: ${server}`, `${result}, HAProxy ${word}`] as const];
    });
    expect(Object.fromEntries(differences)).toEqual(DIFFERENT);
    expect(rows.length).toBeGreaterThan(60);
  }, 30_000);
});
