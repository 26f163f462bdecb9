/** The reference page of error codes and of the codes of findings. */
import { FINDING_CODES } from '../../src/config/finding-codes.ts';
import { ERRORS } from '../../src/lib/errors.ts';
import { code, generatedFrom, table } from './markdown.ts';

const BLAME: Readonly<Record<string, string>> = {
  operator: 'who runs it',
  client: 'the client',
  server: 'the real server',
  system: 'the operating system',
  us: 'Poolgate',
};

export function renderErrorsPage(): string {
  const errors = Object.entries(ERRORS).map(([name, { blame, hint }]) => [
    code(name),
    BLAME[blame] ?? blame,
    hint,
  ]);
  const findings = Object.entries(FINDING_CODES).map(([name, f]) => [code(name), f.severity, f.meaning]);
  const parts = [
    generatedFrom('src/lib/errors.ts and src/config/finding-codes.ts'),
    '# Errors',
    'Every error that a command or the admin API reports has one of these codes, a message with the facts, and a hint.',
    table(['Code', 'Who can mend it', 'What to do'], errors),
    '## Findings in a config',
    '`poolgate check` prints each as `FILE:LINE:COL: severity CODE message`. An error keeps the config from running; a ' +
      'warning does not (`check --strict` fails on warnings too). `R…` are the numbered [rules of the deployment](rules.md).',
    table(['Code', 'Severity', 'Meaning'], findings),
  ];
  return `${parts.join('\n\n')}\n`;
}
