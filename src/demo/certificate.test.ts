import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:tls';
import { expect, test } from 'vitest';
import { type Credentials, createAuthority } from './certificate.ts';
import * as der from './der.ts';

const NAMES = ['ocspool.contoso.com', 'fe01.contoso.com'] as const;

test('says whom it is for, by whom and how long', () => {
  const authority = createAuthority('Contoso', new Date('2026-03-01T12:00:00.500Z'));
  const root = new X509Certificate(authority.cert);
  const issued = new X509Certificate(authority.issue(NAMES).cert);
  expect(issued.subject).toBe('CN=ocspool.contoso.com');
  expect(issued.subjectAltName).toBe('DNS:ocspool.contoso.com, DNS:fe01.contoso.com');
  expect([issued.issuer, root.subject, root.issuer]).toEqual(Array(3).fill('CN=Contoso'));
  expect([issued.ca, root.ca]).toEqual([false, true]);
  expect([issued.verify(root.publicKey), root.verify(root.publicKey)]).toEqual([true, true]);
  expect(new Date(issued.validFrom).toISOString()).toBe('2026-03-01T11:00:00.000Z');
  expect(new Date(issued.validTo).toISOString()).toBe('2026-03-02T12:00:00.000Z');
});

test('is valid on either side of 2050', () => {
  const { cert } = createAuthority('Contoso', new Date('2049-12-31T12:00:00Z'));
  expect(new Date(new X509Certificate(cert).validTo).toISOString()).toBe('2050-01-01T12:00:00.000Z');
});

test('a TLS client that trusts the authority connects by either name, and by no other', async () => {
  const authority = createAuthority('Contoso');
  const credentials = authority.issue(NAMES);
  const connected = (name: string, trusted = authority.cert) => greeted(credentials, trusted, name);
  expect(await connected('ocspool.contoso.com')).toBe('hello');
  expect(await connected('fe01.contoso.com')).toBe('hello');
  await expect(connected('fe02.contoso.com')).rejects.toThrow(/altnames/);
  await expect(connected('fe01.contoso.com', createAuthority('Contoso').cert)).rejects.toThrow(/signature/);
});

test('DER numbers, object ids and lengths have their shortest form', () => {
  expect(der.integer(Buffer.from([0, 0, 1])).toString('hex')).toBe('020101');
  expect(der.integer(Buffer.from([0])).toString('hex')).toBe('020100');
  expect(der.integer(Buffer.from([0x80])).toString('hex')).toBe('02020080');
  expect(der.objectId('1.2.840.10045.4.3.2').toString('hex')).toBe('06082a8648ce3d040302');
  expect(der.octetString(Buffer.alloc(127)).subarray(0, 2).toString('hex')).toBe('047f');
  expect(der.octetString(Buffer.alloc(300)).subarray(0, 4).toString('hex')).toBe('0482012c');
});

async function greeted(own: Credentials, ca: string, servername: string): Promise<string> {
  const server = createServer(own, (socket) => void socket.on('error', () => {}).end('hello'));
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const socket = connect({ host: '127.0.0.1', port, servername, ca });
  try {
    const [text] = await once(socket, 'data');
    return String(text);
  } finally {
    socket.destroy();
    server.close();
  }
}
