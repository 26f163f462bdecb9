/** From arguments to an exit code. */
import { existsSync, readFileSync } from 'node:fs';
import { type Argument, type Command, CommanderError } from 'commander';
import { ConfigRejected } from '../config/findings.ts';
import { formatFindings } from '../config/format.ts';
import { PoolgateError } from '../lib/errors.ts';
import { type Cli, newCommand } from './command.ts';
import { COMMANDS } from './commands.ts';
import { EXIT, type ExitCode } from './io.ts';
import { printable, printableLines } from './text.ts';

const ABOUT =
  'A load balancer for the server pools of Microsoft unified communications, and for any TCP or UDP pool.\n' +
  'Exit codes: 0 fine, 1 findings or refused, 2 wrong usage, 3 the daemon cannot be reached.';

/** @param argv without the names of node and the script */
export async function runCli(argv: readonly string[], world: Omit<Cli, 'exitCode'>): Promise<ExitCode> {
  const cli: Cli = { ...world, exitCode: EXIT.fine };
  try {
    await buildProgram(cli).parseAsync([...argv], { from: 'user' });
    return cli.exitCode;
  } catch (error) {
    return report(error, cli);
  }
}

export function buildProgram(cli: Cli): Command {
  const program = newCommand('poolgate', ABOUT, [
    ['poolgate demo', 'see it work, on this machine, without privileges'],
    ['poolgate check FILE', 'is this config right?'],
    ['poolgate run FILE', 'run it in the foreground'],
    ['poolgate status', 'is all well, and if not, what is not?'],
    ['poolgate drain fe01', 'take a server out without cutting a connection'],
  ]).version(cli.version, '-V, --version', 'print the version');
  for (const make of COMMANDS) program.addCommand(make(cli));
  program.helpCommand('help [command]', 'show help for a command');
  prepare(program, cli);
  return program;
}

function prepare(command: Command, cli: Cli): void {
  command
    .exitOverride()
    // An option belongs to the command before it: in `rules show R18 --format json` to `show`, and not to `rules`.
    .enablePositionalOptions()
    .showHelpAfterError(false)
    .configureHelp({ subcommandTerm: term })
    .configureOutput({
      writeOut: (text) => cli.io.out(text),
      writeErr: (text) => cli.io.err(text),
      outputError: (text, write) => write(`poolgate: ${printableLines(text)}${helpFor(command)}`),
      getOutHelpWidth: () => cli.io.columns ?? 100,
      getErrHelpWidth: () => cli.io.columns ?? 100,
      getOutHasColors: () => cli.io.colour,
    });
  for (const child of command.commands) prepare(child, cli);
}

/** `drain <server>`, `rollback [number]`: that every command has options needs no telling. */
function term(command: Command): string {
  const below = command.commands.map((child) => child.name()).join('|');
  return [command.name(), below, ...command.registeredArguments.map(argumentText)]
    .filter((part) => part !== '')
    .join(' ');
}

/** As help shows it: brackets when it may be left out. */
export function argumentText(argument: Argument): string {
  return argument.required ? `<${argument.name()}>` : `[${argument.name()}]`;
}

function helpFor(command: Command): string {
  const names: string[] = [];
  for (let at: Command | null = command; at; at = at.parent) names.unshift(at.name());
  return `  hint: ${names.join(' ')} --help\n`;
}

function report(error: unknown, cli: Cli): ExitCode {
  if (error instanceof CommanderError) return usageExit(error);
  if (error instanceof PoolgateError) {
    cli.io.err(rejectedText(error));
    cli.io.err(`poolgate: ${printable(error.message)}\n  hint: ${printable(error.hint)}\n`);
    return error.code === 'DAEMON_UNREACHABLE' ? EXIT.unreachable : EXIT.refused;
  }
  const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
  cli.io.err(`poolgate: this is a defect, please report it: ${printableLines(words)}\n`);
  return EXIT.refused;
}

/** What is wrong with a config that is not to run, at its places. */
function rejectedText(error: PoolgateError): string {
  const file = error instanceof ConfigRejected ? error.findings[0]?.file : undefined;
  if (!(error instanceof ConfigRejected) || file === undefined) return '';
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return formatFindings(error.findings, text);
}

/** Help that was asked for is fine; help because nothing was asked for is not. */
function usageExit(error: CommanderError): ExitCode {
  const asked = ['commander.helpDisplayed', 'commander.version'].includes(error.code);
  const helpCommand = error.code === 'commander.help' && error.exitCode === 0;
  return asked || helpCommand ? EXIT.fine : EXIT.usage;
}
