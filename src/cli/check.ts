import { type Command, Option } from 'commander';
import type { Finding } from '../config/findings.ts';
import { act, type Cli, newCommand } from './command.ts';
import { printFindings } from './findings.ts';
import { EXIT } from './io.ts';
import { jsonText, plural } from './text.ts';

type CheckFormat = 'table' | 'text' | 'json' | 'sarif';

interface Options {
  readonly strict?: boolean;
  readonly format: CheckFormat;
}

export function checkCommand(cli: Cli): Command {
  return newCommand(
    'check',
    'Find what is wrong with a config, each thing with its place and what to write',
    [
      ['poolgate check /etc/poolgate.yaml', 'exit 1 when it must not run'],
      ['poolgate check --strict /etc/poolgate.yaml', 'exit 1 on warnings too'],
      ['poolgate check --format sarif pool.yaml > pool.sarif', 'for code hosts and editors'],
    ],
  )
    .argument('<config>', 'the config file')
    .option('--strict', 'warnings count as errors')
    .addOption(
      new Option('--format <format>', 'table or text for people, json or sarif (2.1.0) for programs')
        .choices(['table', 'text', 'json', 'sarif'])
        .default('table'),
    )
    .action(
      act(cli, async (file: string, options: Options) => {
        // Only here: other commands start faster without the schema.
        const { parseConfig, readConfigText } = await import('../config/load.ts');
        const text = readConfigText(file);
        const { findings } = parseConfig(text, file);
        await show(cli, options.format, findings, { file, text });
        cli.io.err(`${file}: ${verdict(findings)}\n`);
        const bad = findings.some(
          (f) => f.severity === 'error' || (options.strict && f.severity === 'warning'),
        );
        return bad ? EXIT.refused : EXIT.fine;
      }),
    );
}

async function show(
  cli: Cli,
  format: CheckFormat,
  findings: readonly Finding[],
  own: { readonly file: string; readonly text: string },
): Promise<void> {
  if (format === 'sarif') {
    const { sarifOf } = await import('./sarif.ts');
    cli.io.out(`${jsonText(sarifOf(findings, cli.version))}\n`);
  } else if (findings.length > 0 || format === 'json')
    printFindings(cli, format === 'json' ? 'json' : 'table', findings, own);
}

function verdict(findings: readonly Finding[]): string {
  const count = (severity: Finding['severity']) => findings.filter((f) => f.severity === severity).length;
  const [errors, warnings, notes] = [count('error'), count('warning'), count('info')];
  const more = notes > 0 ? [plural(notes, 'note')] : [];
  if (errors > 0) return [plural(errors, 'error'), plural(warnings, 'warning'), ...more].join(', ');
  const said = [...(warnings > 0 ? [plural(warnings, 'warning')] : []), ...more];
  return said.length > 0 ? `ok, with ${said.join(' and ')}` : 'ok';
}
