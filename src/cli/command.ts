/** What all commands have in common: their options, their examples, and how their outcome becomes an exit code. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { type Client, connectTo } from './client.ts';
import type { ExitCode, Io } from './io.ts';
import { jsonText } from './text.ts';

/** Gives commands the world and takes their exit code. */
export interface Cli {
  readonly io: Io;
  readonly version: string;
  /** What main.ts wires, and loads only when a command needs it. */
  readonly start: Starters;
  exitCode: ExitCode;
}

export interface RunOptions {
  readonly configFile: string;
  /** Threads of the proxy data plane; one per processor if not given. */
  readonly workers?: number;
  /** Whether the proxy data plane may use io_uring. */
  readonly ioUring: boolean;
}

export interface Starters {
  /** Resolves when the daemon has stopped. */
  daemon(options: RunOptions): Promise<ExitCode>;
  demo(options: { seconds?: number; plain?: boolean }): Promise<number>;
}

export type Format = 'table' | 'json';

export interface DataOptions {
  readonly format: Format;
}

export interface DaemonOptions extends DataOptions {
  readonly url?: string;
  readonly tokenFile?: string;
}

export type Example = readonly [command: string, does: string];

const EXAMPLES = Symbol('examples');

/** The examples of a command, for its help and the reference page. */
export function examplesOf(command: Command): readonly Example[] {
  return (command as { [EXAMPLES]?: readonly Example[] })[EXAMPLES] ?? [];
}

export function newCommand(name: string, summary: string, examples: readonly Example[]): Command {
  const command = new Command(name).summary(summary).description(summary);
  Object.assign(command, { [EXAMPLES]: examples });
  const size = Math.max(0, ...examples.map(([line]) => line.length));
  const lines = examples.map(([line, does]) => `  ${line.padEnd(size)}   ${does}\n`);
  return examples.length === 0
    ? command
    : command.addHelpText('after', `\nExamples:\n${lines.join('').trimEnd()}`);
}

export function formatOption(): Option {
  return new Option('--format <format>', 'table for people, json for programs')
    .choices(['table', 'json'])
    .default('table');
}

/** A command that asks the running daemon. */
export function daemonCommand(name: string, summary: string, examples: readonly Example[]): Command {
  return newCommand(name, summary, examples)
    .addOption(formatOption())
    .addOption(
      new Option('--url <url>', 'the daemon (default: $POOLGATE_URL, else http://127.0.0.1:9080)').argParser(
        httpUrl,
      ),
    )
    .option(
      '--token-file <file>',
      'its token (default: $POOLGATE_TOKEN, else the state directory’s admin-token)',
    );
}

/** Runs the command's work; what it returns is the exit code. */
export function act<Args extends unknown[]>(cli: Cli, work: (...args: Args) => Promise<ExitCode> | ExitCode) {
  return async (...args: Args): Promise<void> => {
    cli.exitCode = await work(...args);
  };
}

export function client(cli: Cli, options: DaemonOptions): Client {
  return connectTo(options, cli.io);
}

/** Prints data as asked for. */
export function print(cli: Cli, format: Format, data: unknown, asTable: () => string): void {
  cli.io.out(format === 'json' ? `${jsonText(data)}\n` : asTable());
}

/** A parser for whole numbers within bounds. */
export function wholeNumber(from: number, to: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= from && value <= to) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${from} to ${to}.`);
  };
}

function httpUrl(text: string): string {
  if (/^https?:$/.test(URL.parse(text)?.protocol ?? '')) return text;
  throw new InvalidArgumentError('It must be like http://127.0.0.1:9080.');
}
