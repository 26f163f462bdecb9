import type { Lint } from '../rule.ts';

/** What any of these finds. */
export function all(...lints: readonly Lint[]): Lint {
  return (subject) => lints.flatMap((lint) => lint(subject));
}
