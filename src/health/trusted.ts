/** The certificates that a check with `verify` trusts: the system's, or those of a file. */
import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { getCACertificates } from 'node:tls';

export interface Trusted {
  /** Changes when the certificates may have. */
  readonly version: string;
  readonly certificates: () => readonly string[];
}

/** A bundle with every public authority is a quarter of this. */
const LARGEST_FILE = 1_048_576;

const PEM = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]{1,65536}?-----END CERTIFICATE-----/g;

/**
 * @param caFile absolute path of PEM certificates; null: the system's. A file is read again when it changed; the
 *   system's are read once in the life of the process.
 * @throws Error whose message names the file, when it cannot be used
 */
export function trusted(caFile: string | null): Trusted {
  if (caFile === null) return { version: 'system', certificates: () => getCACertificates('system') };
  try {
    const { mtimeMs, size, ino } = statSync(caFile);
    return { version: `${mtimeMs} ${size} ${ino}`, certificates: () => certificatesOf(caFile) };
  } catch {
    throw unusable(caFile);
  }
}

/** @throws Error whose message names the file */
export function certificatesOf(caFile: string): readonly string[] {
  try {
    // The path comes from a config that anybody with a token may ask about: a pipe would block, a device never end.
    const about = statSync(caFile);
    if (!about.isFile() || about.size > LARGEST_FILE) throw unusable(caFile);
    const found = readFileSync(caFile, 'latin1').match(PEM) ?? [];
    if (found.length === 0) throw unusable(caFile);
    return found.map((one) => new X509Certificate(one).toString());
  } catch {
    throw unusable(caFile);
  }
}

/** Says no more than that: whoever may try a config is not to learn which files there are. */
function unusable(caFile: string): Error {
  return new Error(`${caFile} is not a readable file of certificates (PEM)`);
}
