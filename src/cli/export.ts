import { Argument, type Command } from 'commander';
import { FORMATS, type Format, type Remark, remarkText } from '../convert/export/remark.ts';
import { act, type Cli, type DataOptions, formatOption, newCommand } from './command.ts';
import { EXIT } from './io.ts';
import { jsonText, plural, printable } from './text.ts';

interface Options extends DataOptions {
  readonly strict?: boolean;
}

export function exportCommand(cli: Cli): Command {
  return newCommand(
    'export',
    'Write a config as the file of another program; what that program cannot do is said on stderr and in the file',
    [
      ['poolgate export haproxy pool.yaml > haproxy.cfg', 'for `haproxy -c -f haproxy.cfg`, from 2.6'],
      [
        'poolgate export keepalived pool.yaml > keepalived.conf',
        'IPVS, for `keepalived -t -f keepalived.conf`',
      ],
      ['poolgate export nftables pool.yaml | nft -c -f -', 'NAT by turns, without health checks'],
      ['poolgate export --strict haproxy pool.yaml', 'exit 1 when something is lost or changed'],
    ],
  )
    .addArgument(new Argument('<program>', 'what is to read the file').choices(FORMATS))
    .argument('<config>', 'the config file')
    .option('--strict', 'exit 1 when a value that the file or its profile gives is lost or changed')
    .addOption(formatOption())
    .action(
      act(cli, async (program: Format, file: string, options: Options) => {
        // Only here: other commands start faster without the schema.
        const { loadConfigFile } = await import('../config/load.ts');
        const { EXPORTERS } = await import('../convert/export/formats.ts');
        const { text, remarks } = EXPORTERS[program](loadConfigFile(file));
        cli.io.out(text);
        report(cli, file, remarks, options.format);
        const bad = remarks.some(({ kind }) => kind !== 'note');
        return bad && options.strict ? EXIT.refused : EXIT.fine;
      }),
    );
}

/** The file is the data and has stdout; what is said of it goes to stderr. */
function report(cli: Cli, file: string, remarks: readonly Remark[], format: Options['format']): void {
  if (format === 'json') {
    cli.io.err(`${jsonText(remarks)}\n`);
    return;
  }
  for (const remark of remarks) cli.io.err(`${printable(file)}: ${printable(remarkText(remark))}\n`);
  const count = (kind: Remark['kind']): number => remarks.filter((remark) => remark.kind === kind).length;
  const counts = `${count('lost')} lost, ${count('changed')} changed, ${plural(count('note'), 'note')}`;
  cli.io.err(`${printable(file)}: ${counts}; what differs always stands in the head of the file\n`);
}
