import { NOT_AVAILABLE } from '../model/not-available.ts';
import { formatPath, valuesAt } from '../model/path.ts';
import { type PathProblem, problem } from './issues.ts';
import type { SalvagedConfig } from './salvage.ts';

/** Refuses what the format has and this version does not do. */
export function checkAvailable(config: SalvagedConfig): PathProblem[] {
  return NOT_AVAILABLE.flatMap((row) =>
    valuesAt(config, row.key)
      .filter(({ value }) => !row.refuses || row.refuses(value))
      .map(({ path, value }) => {
        const shown = typeof value === 'object' ? '' : `: ${String(value)}`;
        const what = `${row.what.charAt(0).toUpperCase()}${row.what.slice(1)}`;
        const message = `${what} is not available yet (\`${formatPath(path)}${shown}\`).`;
        return problem('NOT_AVAILABLE', path, 'value', message, row.instead);
      }),
  );
}
