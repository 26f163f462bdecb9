/** Certificates of planted servers, made by the openssl program. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TlsOptions } from 'node:tls';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const NAME = 'ocspool.contoso.com';

const DAY = 86_400_000;

const CONFIG = `[ca]
default_ca = d
[d]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = p
unique_subject = no
[p]
commonName = supplied
`;

/** Days from now at which each begins and ends, and the name it is for. */
const KINDS = {
  good: [-1, 90, NAME],
  expired: [-30, -2, NAME],
  future: [10, 90, NAME],
  ending: [-30, 3, NAME],
  other: [-1, 90, 'other.contoso.com'],
} as const;

export type Kind = keyof typeof KINDS | 'selfSigned' | 'old';

export interface Certificates {
  /** The authority's certificate, as a file. */
  readonly authority: string;
  readonly directory: string;
  options(kind: Kind): TlsOptions;
  remove(): Promise<void>;
}

export async function makeCertificates(): Promise<Certificates> {
  const directory = await mkdtemp(join(tmpdir(), 'poolgate-planted-'));
  const openssl = (...args: string[]) => run('openssl', args, { cwd: directory });
  await writeFile(join(directory, 'ca.cnf'), CONFIG);
  await writeFile(join(directory, 'index.txt'), '');
  const elliptic = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const self = (name: string, key: string[], subject: string) =>
    openssl(
      'req',
      '-x509',
      ...key,
      '-days',
      '90',
      '-subj',
      `/CN=${subject}`,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.pem`,
    );
  await self('ca', elliptic, 'Contoso Test CA');
  await self('selfSigned', elliptic, NAME);
  await self('old', ['-newkey', 'rsa:1024', '-sha1', '-nodes'], NAME);
  for (const [kind, [from, to, name]] of Object.entries(KINDS)) {
    const request = ['-subj', `/CN=${name}`, '-keyout', `${kind}.key`, '-out', `${kind}.csr`];
    await openssl('req', ...elliptic, ...request);
    await writeFile(join(directory, 'names'), `subjectAltName=DNS:${name}\n`);
    const times = ['-startdate', stamp(from), '-enddate', stamp(to), '-extfile', 'names', '-notext'];
    const files = ['-cert', 'ca.pem', '-keyfile', 'ca.key', '-in', `${kind}.csr`, '-out', `${kind}.pem`];
    await openssl('ca', '-batch', '-config', 'ca.cnf', ...files, ...times);
  }
  return {
    directory,
    authority: join(directory, 'ca.pem'),
    options: (kind) => ({
      cert: readFileSync(join(directory, `${kind}.pem`)),
      key: readFileSync(join(directory, `${kind}.key`)),
    }),
    remove: () => rm(directory, { recursive: true }),
  };
}

function stamp(days: number): string {
  const time = new Date(Date.now() + days * DAY).toISOString();
  return `${time.slice(0, 19).replaceAll(/[-:T]/g, '')}Z`;
}
