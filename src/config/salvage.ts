/**
 * What is left of a config when everything that the schema refused is taken out. Cross checks run on it, so that one
 * run shows all that is wrong. Items of lists keep their index.
 */
import type { z } from 'zod';
import type { ConfigInput } from '../model/config.ts';

export type Salvaged<T> = T extends readonly (infer U)[]
  ? readonly (Salvaged<U> | undefined)[]
  : T extends object
    ? { readonly [K in keyof T]?: Salvaged<T[K]> | undefined }
    : T;

export type SalvagedConfig = Salvaged<ConfigInput>;

export function salvage(value: unknown, issues: readonly z.core.$ZodIssue[]): SalvagedConfig {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
  const copy = structuredClone(value) as Record<string, unknown>;
  for (const issue of issues) {
    if (issue.code === 'unrecognized_keys') for (const key of issue.keys) remove(copy, [...issue.path, key]);
    else blank(copy, issue.path);
  }
  return copy as SalvagedConfig;
}

function remove(root: Record<string, unknown>, path: readonly PropertyKey[]): void {
  const at = parentOf(root, path);
  if (at) delete at.parent[at.key];
}

/** The key stays, so that what was refused is not also reported as missing. */
function blank(root: Record<string, unknown>, path: readonly PropertyKey[]): void {
  const at = parentOf(root, path);
  if (at && Object.hasOwn(at.parent, at.key)) at.parent[at.key] = undefined;
}

function parentOf(
  root: Record<string, unknown>,
  path: readonly PropertyKey[],
): { parent: Record<PropertyKey, unknown>; key: PropertyKey } | null {
  let parent: unknown = root;
  for (const step of path.slice(0, -1)) {
    if (typeof parent !== 'object' || parent === null || !Object.hasOwn(parent, step)) return null;
    parent = (parent as Record<PropertyKey, unknown>)[step];
  }
  const key = path.at(-1);
  if (typeof parent !== 'object' || parent === null || key === undefined) return null;
  return { parent: parent as Record<PropertyKey, unknown>, key };
}
