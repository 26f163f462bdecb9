/**
 * A small certification authority for the stand-in servers, made in this process at every start: no key lies on disk
 * and no other program is needed. Node can sign but makes no certificates, so RFC 5280's structure is put together here.
 */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import * as der from './der.ts';

export interface Credentials {
  /** PEM. */
  readonly key: string;
  /** PEM. */
  readonly cert: string;
}

export interface Authority {
  /** What clients trust, PEM. */
  readonly cert: string;
  /** @param names DNS names; the first is the common name too, as the pool's name is in a Front End's certificate */
  issue(names: readonly [string, ...string[]]): Credentials;
}

const OID = {
  commonName: '2.5.4.3',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  basicConstraints: '2.5.29.19',
  subjectAltName: '2.5.29.17',
} as const;

const HOUR_MS = 3_600_000;
const DNS_NAME = 2;

interface Subject {
  readonly commonName: string;
  readonly publicKey: KeyObject;
  readonly extension: Buffer;
}

/** @param now its certificates are valid from an hour before to a day after: clocks differ, and a demo is short */
export function createAuthority(commonName: string, now = new Date()): Authority {
  const { publicKey, privateKey } = keyPair();
  const certify = (subject: Subject) => {
    const body = toBeSigned(commonName, subject, now);
    const signature = der.bitString(sign('sha256', body, privateKey));
    return pem(der.sequence(body, signedWith(), signature));
  };
  return {
    cert: certify({ commonName, publicKey, extension: isAuthority() }),
    issue(names) {
      const own = keyPair();
      const subject = { commonName: names[0], publicKey: own.publicKey, extension: alternativeNames(names) };
      return { key: String(own.privateKey.export({ type: 'pkcs8', format: 'pem' })), cert: certify(subject) };
    },
  };
}

function keyPair() {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

/** TBSCertificate, RFC 5280 section 4.1. */
function toBeSigned(issuer: string, subject: Subject, now: Date): Buffer {
  const version3 = der.explicit(0, der.integer(Buffer.from([2])));
  const serial = der.integer(randomBytes(16));
  const validity = der.sequence(
    der.time(new Date(now.getTime() - HOUR_MS)),
    der.time(new Date(now.getTime() + 24 * HOUR_MS)),
  );
  const publicKey = subject.publicKey.export({ type: 'spki', format: 'der' });
  const extensions = der.explicit(3, der.sequence(subject.extension));
  const parts = [validity, nameOf(subject.commonName), publicKey, extensions];
  return der.sequence(version3, serial, signedWith(), nameOf(issuer), ...parts);
}

function signedWith(): Buffer {
  return der.sequence(der.objectId(OID.ecdsaWithSha256));
}

function nameOf(commonName: string): Buffer {
  return der.sequence(der.set(der.sequence(der.objectId(OID.commonName), der.utf8String(commonName))));
}

function isAuthority(): Buffer {
  const constraints = der.sequence(der.boolean(true));
  return der.sequence(der.objectId(OID.basicConstraints), der.boolean(true), der.octetString(constraints));
}

function alternativeNames(names: readonly string[]): Buffer {
  const list = names.map((name) => der.implicit(DNS_NAME, Buffer.from(name, 'latin1')));
  return der.sequence(der.objectId(OID.subjectAltName), der.octetString(der.sequence(...list)));
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
