import { PoolgateError } from '../lib/errors.ts';
import type { ServerRef } from './contract.ts';
import type { Standing } from './standing.ts';

/** @throws PoolgateError UNKNOWN_SERVER, AMBIGUOUS_SERVER */
export function resolveServer(all: readonly Standing[], ref: ServerRef): Standing {
  const found = all.filter((s) => s.server.name === ref || `${s.pool.name}/${s.server.name}` === ref);
  const [first, second] = found;
  if (!first) throw new PoolgateError('UNKNOWN_SERVER', `There is no real server "${ref}".`);
  if (second) {
    const names = found.map((s) => `${s.pool.name}/${s.server.name}`).join(', ');
    throw new PoolgateError('AMBIGUOUS_SERVER', `"${ref}" can be ${names}.`);
  }
  return first;
}
