/** Findings of a config as data on stdout: for people with place, source line and caret; for programs as JSON. */
import { z } from 'zod';
import { type Cli, type Format, print } from './command.ts';
import { printable } from './text.ts';

/** As the API sends them; further fields are kept for JSON. */
const finding = z.looseObject({
  rule: z.string(),
  severity: z.string(),
  message: z.string(),
  hint: z.string().nullish(),
  line: z.number().nullish(),
  col: z.number().nullish(),
});

type Finding = z.infer<typeof finding>;

/** @param source the user's own file: the daemon knows another name for it, or none */
export function printFindings(
  cli: Cli,
  format: Format,
  findings: readonly unknown[],
  source: { readonly file: string; readonly text: string },
): void {
  const known = z.array(finding).parse(findings);
  const own = known.map((each) => ({ ...each, file: source.file }));
  const lines = source.text.split(/\r?\n/);
  print(cli, format, own, () => own.map((each) => describe(each, source.file, lines)).join(''));
}

function describe(each: Finding, file: string, lines: readonly string[]): string {
  const { line, col } = each;
  const place = line ? `${file}:${line}:${col ?? 1}` : file;
  const head = `${printable(place)}: ${each.severity} ${printable(each.rule)} ${printable(each.message)}\n`;
  const hint = each.hint ? `  hint: ${printable(each.hint)}\n` : '';
  const text = line ? lines[line - 1] : undefined;
  if (text === undefined) return head + hint;
  return `${head}  ${printable(text)}\n  ${' '.repeat(Math.max(0, (col ?? 1) - 1))}^\n${hint}`;
}
