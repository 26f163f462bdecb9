import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseAddress } from '../model/address.ts';
import { act, type Cli, type DataOptions, newCommand } from './command.ts';
import { EXIT, type ExitCode } from './io.ts';
import { jsonText, printableLines } from './text.ts';

interface Options extends DataOptions {
  readonly vip?: string;
  readonly address?: ReadonlyMap<string, string>;
  readonly merge: boolean;
}

const ABOUT =
  'The config goes to stdout; what was translated, what was changed and why, and what has no equivalent goes to stderr, each thing ' +
  'with its line. Exit 0: the config does what the file did, but for what is reported as changed. Exit 1: something important has ' +
  'no equivalent, a value has to be filled in, or the file cannot be read';

export function importCommand(cli: Cli): Command {
  return newCommand('import', 'Turn the config of another balancer into one of Poolgate', [])
    .addCommand(format(cli, 'haproxy', 'HAProxy', '/etc/haproxy/haproxy.cfg'))
    .addCommand(format(cli, 'keepalived', 'keepalived', '/etc/keepalived/keepalived.conf'));
}

function format(cli: Cli, name: 'haproxy' | 'keepalived', title: string, path: string): Command {
  return newCommand(name, `Turn a config of ${title} into one of Poolgate`, [
    [`poolgate import ${name} ${path} > poolgate.yaml`, 'the config; the report is on the terminal'],
    [
      `poolgate import ${name} --vip 10.0.0.40 - < ${path.slice(path.lastIndexOf('/') + 1)}`,
      'from stdin; `*` means that address',
    ],
  ])
    .description(`Turn a config of ${title} into one of Poolgate. ${ABOUT}`)
    .argument('<file>', 'its config; - is stdin')
    .addOption(
      new Option('--vip <address>', 'the VIP where the file says every address, or a name').argParser(
        address,
      ),
    )
    .addOption(
      new Option(
        '--address <name=address>',
        'the address of a server that has a name there; may be given often',
      ).argParser(addressOfName),
    )
    .option(
      '--no-merge',
      'sections of one address with the same servers stay apart, each with a pool of its own',
    )
    .addOption(new Option('--format <format>', 'of the report').choices(['table', 'json']).default('table'))
    .action(act(cli, (file: string, options: Options) => run(cli, name, file, options)));
}

async function run(
  cli: Cli,
  name: 'haproxy' | 'keepalived',
  file: string,
  options: Options,
): Promise<ExitCode> {
  // Only here: other commands start faster without the schema.
  const { importText } = await import('../convert/import/import.ts');
  const { readSource } = await import('../convert/import/read-source.ts');
  const { reportText } = await import('../convert/import/report-text.ts');
  const text = await readSource(file);
  const shown = file === '-' ? 'stdin' : file;
  const imported = importText(name, text, shown, {
    vip: options.vip ?? null,
    addresses: options.address ?? new Map(),
    merge: options.merge,
    env: cli.io.env,
  });
  cli.io.out(printableLines(imported.config));
  const { config: _, ...told } = imported;
  cli.io.err(
    options.format === 'json'
      ? `${jsonText({ file: shown, ...told })}\n`
      : printableLines(reportText(shown, imported)),
  );
  return imported.result === 'complete' ? EXIT.fine : EXIT.refused;
}

function address(text: string): string {
  const parsed = parseAddress(text);
  if (parsed.ok) return parsed.address;
  throw new InvalidArgumentError(`It ${parsed.problem}. ${parsed.hint}`);
}

function addressOfName(
  text: string,
  given: ReadonlyMap<string, string> = new Map(),
): ReadonlyMap<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('It must be like fe01.contoso.com=10.0.0.41.');
  return new Map([...given, [text.slice(0, at).toLowerCase(), address(text.slice(at + 1))]]);
}
