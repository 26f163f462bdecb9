import type { Command } from 'commander';
import type { Finding } from '../config/findings.ts';
import { act, type Cli, type DataOptions, formatOption, newCommand } from './command.ts';
import { printFindings } from './findings.ts';
import { EXIT } from './io.ts';
import { plural } from './text.ts';

interface Options extends DataOptions {
  readonly strict?: boolean;
}

export function checkCommand(cli: Cli): Command {
  return newCommand(
    'check',
    'Find what is wrong with a config, each thing with its place and what to write',
    [
      ['poolgate check /etc/poolgate.yaml', 'exit 1 when it must not run'],
      ['poolgate check --strict /etc/poolgate.yaml', 'exit 1 on warnings too'],
    ],
  )
    .argument('<config>', 'the config file')
    .option('--strict', 'warnings count as errors')
    .addOption(formatOption())
    .action(
      act(cli, async (file: string, options: Options) => {
        // Only here: other commands start faster without the schema.
        const { parseConfig, readConfigText } = await import('../config/load.ts');
        const text = readConfigText(file);
        const { findings } = parseConfig(text, file);
        if (findings.length > 0 || options.format === 'json')
          printFindings(cli, options.format, findings, { file, text });
        cli.io.err(`${file}: ${verdict(findings)}\n`);
        const bad = findings.some(
          (f) => f.severity === 'error' || (options.strict && f.severity === 'warning'),
        );
        return bad ? EXIT.refused : EXIT.fine;
      }),
    );
}

function verdict(findings: readonly Finding[]): string {
  const count = (severity: Finding['severity']) => findings.filter((f) => f.severity === severity).length;
  const [errors, warnings] = [count('error'), count('warning')];
  if (errors > 0) return `${plural(errors, 'error')}, ${plural(warnings, 'warning')}`;
  return warnings > 0 ? `ok, with ${plural(warnings, 'warning')}` : 'ok';
}
