/** How a probe shakes hands, and what it makes of the certificate that it is shown. */
import { constants } from 'node:crypto';
import {
  type ConnectionOptions,
  createSecureContext,
  type SecureContext,
  type SecureContextOptions,
  type TLSSocket,
} from 'node:tls';
import type { TlsWishes } from '../model/effective.ts';
import { trusted } from './trusted.ts';

/**
 * A check is to find out whether a server answers, not how strong its ciphers are: servers of this kind are often old,
 * speak TLS 1.0, have SHA-1 certificates and know nothing of secure renegotiation (RFC 5746).
 */
const OLD_SERVERS_TOO: SecureContextOptions = {
  minVersion: 'TLSv1',
  // The names of TLS 1.3 must be there: without them Node.js goes no higher than TLS 1.2.
  ciphers:
    'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:' +
    'ALL:!aNULL:!eNULL:@SECLEVEL=0',
  secureOptions: constants.SSL_OP_LEGACY_SERVER_CONNECT | constants.SSL_OP_NO_RENEGOTIATION,
};

const MS_PER_DAY = 86_400_000;

const contexts = new Map<string, { readonly version: string; readonly context: SecureContext }>();

/** @throws Error when the file of trusted certificates cannot be used */
export function handshakeOptions(wishes: TlsWishes): ConnectionOptions {
  const { serverName } = wishes;
  // Judged by certificateProblem, which has better words than a failed connect.
  const options = { secureContext: contextFor(wishes), rejectUnauthorized: false };
  return serverName === null ? options : { ...options, servername: serverName };
}

/** One context for all checks that trust the same: making one parses every trusted certificate. */
function contextFor({ verify, caFile }: TlsWishes): SecureContext {
  const key = verify ? `ca ${caFile ?? ''}` : 'any';
  const { version, certificates } = verify ? trusted(caFile) : { version: '', certificates: () => [] };
  const known = contexts.get(key);
  if (known?.version === version) return known.context;
  const context = createSecureContext({ ...OLD_SERVERS_TOO, ca: [...certificates()] });
  contexts.set(key, { version, context });
  return context;
}

/** In words, or null when all that is wished for is there. @param now wall clock, ms */
export function certificateProblem(socket: TLSSocket, wishes: TlsWishes, now: number): string | null {
  if (wishes.verify && !socket.authorized) return `Certificate refused: ${refusal(socket, wishes)}`;
  if (wishes.minDaysLeft === 0) return null;
  const certificate = socket.getPeerX509Certificate();
  if (!certificate) return 'The server shows no certificate';
  const end = certificate.validToDate;
  if (end.getTime() - now >= wishes.minDaysLeft * MS_PER_DAY) return null;
  const verb = end.getTime() < now ? 'expired' : 'expires';
  return `Certificate ${verb} on ${end.toISOString().slice(0, 10)}, ${wishes.minDaysLeft} days left are wanted`;
}

function refusal(socket: TLSSocket, { serverName }: TlsWishes): string {
  // Typed as Error, but it is the code.
  const code = String(socket.authorizationError);
  if (code !== 'ERR_TLS_CERT_ALTNAME_INVALID') return WORDS[code] ?? code.toLowerCase().replaceAll('_', ' ');
  const { subjectaltname = 'no name' } = socket.getPeerCertificate();
  return `it is not for ${serverName}, but for ${subjectaltname.replaceAll('DNS:', '')}`;
}

const WORDS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its root is not trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its issuer is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its issuer is not trusted',
};
