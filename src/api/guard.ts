/**
 * What stands before every route. The API listens on loopback, and a web page in the operator's browser can reach
 * loopback too: by DNS rebinding (then the Host header names the attacker's domain) or by a cross-origin request
 * (then Origin or Sec-Fetch-Site says so). Both are refused before anything is looked at.
 */
import { isIP } from 'node:net';
import { HttpRefusal } from './problem.ts';
import { allows, type Role, type Tokens } from './tokens.ts';

/** @param extraHosts names or addresses, besides loopback, that this API is reached by. */
export function checkHost(host: string | null, extraHosts: readonly string[]): void {
  const name = hostName(host);
  if (name !== null && (isLoopbackName(name) || extraHosts.includes(name))) return;
  throw new HttpRefusal(421, 'FORBIDDEN', 'The Host header does not name this balancer.', {
    hint: 'Use http://127.0.0.1:PORT, http://localhost:PORT or http://[::1]:PORT (from afar by an SSH tunnel).',
  });
}

export function checkOrigin(headers: Headers): void {
  const origin = headers.get('origin');
  const site = headers.get('sec-fetch-site');
  const foreignOrigin =
    origin !== null && origin.toLowerCase() !== `http://${headers.get('host')?.toLowerCase()}`;
  const foreignSite = site !== null && site !== 'same-origin' && site !== 'none';
  if (foreignOrigin || foreignSite) {
    throw new HttpRefusal(403, 'FORBIDDEN', 'Requests from another web site are refused.');
  }
}

/** The token's name for the audit log. */
export function checkToken(headers: Headers, tokens: Tokens, needed: Role): string {
  const authorization = headers.get('authorization');
  const token = tokens.find(authorization);
  if (!token) {
    const what = authorization === null ? 'This request needs a token.' : 'The token is not valid.';
    throw new HttpRefusal(401, 'UNAUTHORIZED', what);
  }
  if (!allows(token.role, needed)) {
    throw new HttpRefusal(
      403,
      'FORBIDDEN',
      `This needs the role ${needed}; the token has the role ${token.role}.`,
    );
  }
  return token.name;
}

/** The host part of a Host header in lower case without brackets and port; null when it is none. */
function hostName(host: string | null): string | null {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(host ?? '');
  return (match?.[1] ?? match?.[2])?.toLowerCase() ?? null;
}

function isLoopbackName(name: string): boolean {
  if (name === 'localhost' || name === '::1') return true;
  return isIP(name) === 4 && name.startsWith('127.');
}
