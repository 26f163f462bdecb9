/** Products and roles by the names that people write, and the nearest when there is none. */
import { nearest } from '../lib/nearest.ts';
import { PRODUCT_NAMES, type Product } from './products.ts';
import { namesOfRole, ROLE_NAMES, type Role, rolesNamed } from './roles.ts';

export type Named<T> =
  | { readonly ok: true; readonly value: T }
  /** A sentence or two. */
  | { readonly ok: false; readonly problem: string };

export function findProduct(name: string): Named<Product> {
  const value = PRODUCT_NAMES.find((product) => product === name.trim().toLowerCase());
  if (value) return { ok: true, value };
  return {
    ok: false,
    problem: `There is no product ${JSON.stringify(name)}. ${suggest(name, PRODUCT_NAMES)}`,
  };
}

export function findRoles(name: string): Named<readonly Role[]> {
  const value = rolesNamed(name);
  if (value.length > 0) return { ok: true, value };
  const known = ROLE_NAMES.flatMap(namesOfRole);
  const near = nearest(name, known);
  const [role] = near === null ? [] : rolesNamed(near);
  const hint = role === undefined ? suggest('', ROLE_NAMES) : `Did you mean ${role}?`;
  return { ok: false, problem: `There is no role ${JSON.stringify(name)}. ${hint}` };
}

function suggest(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return near ? `Did you mean ${near}?` : `There are: ${known.join(', ')}.`;
}
