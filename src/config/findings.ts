/** What was found wrong with a config, each thing at its place, and the error that carries all of it. */
import { type ErrorCode, PoolgateError } from '../lib/errors.ts';

export type Severity = 'error' | 'warning' | 'info';

export interface Finding {
  /** A code such as CONFIG_UNKNOWN_KEY, or the number of a rule of the deployment, such as R12. */
  readonly rule: string;
  /** An error keeps the config from running; a warning does not. */
  readonly severity: Severity;
  readonly message: string;
  /** What to write instead; may be empty. */
  readonly hint: string;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in characters (a tab is one, an emoji is one). */
  readonly col: number;
  /** Where the rule comes from: a document, or the config reference. */
  readonly source: string;
}

/** A config that must not run. `findings` holds everything found, warnings too. */
export class ConfigRejected extends PoolgateError {
  readonly findings: readonly Finding[];

  constructor(file: string, findings: readonly Finding[]) {
    const errors = findings.filter((f) => f.severity === 'error');
    const count = errors.length === 1 ? '1 error' : `${errors.length} errors`;
    const first = errors[0];
    const code: ErrorCode = first?.rule === 'CONFIG_SYNTAX' ? 'CONFIG_SYNTAX' : 'CONFIG_INVALID';
    const where = first ? ` First: line ${first.line}: ${first.message}` : '';
    super(code, `${file} has ${count}.${where}`, first?.hint ? { hint: first.hint } : {});
    this.findings = findings;
  }
}

export function hasErrors(findings: readonly Finding[]): boolean {
  return findings.some((f) => f.severity === 'error');
}
