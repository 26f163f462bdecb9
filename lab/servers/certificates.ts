/** A certificate authority and server certificates, made by openssl when a test needs them. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { must } from '../net/exec.ts';

export const POOL_FQDN = 'ocspool.contoso.com';

export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

export interface Authority extends Certificate {
  readonly directory: string;
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

export async function makeAuthority(directory: string): Promise<Authority> {
  const certificate = join(directory, 'ca.pem');
  const key = join(directory, 'ca.key');
  const what = ['-x509', '-days', '2', '-subj', '/CN=Contoso Lab CA', '-keyout', key, '-out', certificate];
  await must('openssl', ['req', ...KEY, ...what]);
  return { certificate, key, directory };
}

/** As a Front End's certificate should be: the server's own name as subject, and the pool's name beside it. */
export async function makeCertificate(authority: Authority, server: string): Promise<Certificate> {
  const path = (suffix: string): string => join(authority.directory, `${server}.${suffix}`);
  const subject = `${server}.contoso.com`;
  await must('openssl', [
    'req',
    ...KEY,
    '-subj',
    `/CN=${subject}`,
    '-keyout',
    path('key'),
    '-out',
    path('csr'),
  ]);
  await writeFile(path('ext'), `subjectAltName=DNS:${POOL_FQDN},DNS:${subject}\n`);
  const issuer = ['-CA', authority.certificate, '-CAkey', authority.key, '-CAcreateserial'];
  const request = ['-req', '-in', path('csr'), '-days', '2', '-extfile', path('ext'), '-out', path('pem')];
  await must('openssl', ['x509', ...request, ...issuer]);
  return { certificate: path('pem'), key: path('key') };
}
