/** Findings of a config as data on stdout: for people with place, source line and caret; for programs as JSON. */
import { z } from 'zod';
import type { Finding } from '../config/findings.ts';
import { formatFindings } from '../config/format.ts';
import { type Cli, type Format, print } from './command.ts';

/** As the API sends them; further fields are kept for JSON. */
const wireFinding: z.ZodType<Finding> = z.looseObject({
  rule: z.string(),
  severity: z.enum(['error', 'warning', 'info']),
  message: z.string(),
  hint: z.string(),
  file: z.string(),
  line: z.int(),
  col: z.int(),
  source: z.string(),
});

/** @param own the user's own file: the daemon knows another name for it, or none */
export function printFindings(
  cli: Cli,
  format: Format,
  findings: readonly unknown[],
  own: { readonly file: string; readonly text: string },
): void {
  const known = z.array(wireFinding).parse(findings);
  const placed = known.map((finding) => ({ ...finding, file: own.file }));
  print(cli, format, placed, () => formatFindings(placed, own.text));
}
