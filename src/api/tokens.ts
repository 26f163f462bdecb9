/** Who may do what at the admin API: tokens with a role each. The first start makes one, with the role admin. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** In rising order: a role may do what those before it may. */
export const ROLES = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export interface Token {
  /** For the audit log; never the secret. */
  readonly name: string;
  readonly role: Role;
  readonly secret: string;
}

export interface Tokens {
  /** The token that an Authorization header carries, or null. */
  find(authorization: string | null): { name: string; role: Role } | null;
}

export function createTokens(tokens: readonly Token[]): Tokens {
  const known = tokens.map(({ name, role, secret }) => ({ name, role, digest: digest(secret) }));
  return {
    find(authorization) {
      const given = /^Bearer +([\x21-\x7e]{1,512})$/i.exec(authorization ?? '')?.[1];
      if (given === undefined) return null;
      const asked = digest(given);
      // Digests have one length and every one is compared, so the time taken tells neither length nor place.
      const matches = known.filter((token) => timingSafeEqual(token.digest, asked));
      const match = matches[0];
      return match ? { name: match.name, role: match.role } : null;
    },
  };
}

export function allows(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

/** 32 random bytes as 43 characters that need no quoting in a shell or URL. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

function digest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
