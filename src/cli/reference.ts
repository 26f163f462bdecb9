/** docs/reference/cli.md from the commands themselves. */
import type { Command } from 'commander';
import { type Cli, examplesOf } from './command.ts';
import { argumentText, buildProgram } from './program.ts';

const HEAD = `# Command line

Generated from the program; do not edit.

Data goes to stdout and everything else to stderr. Every command that prints data takes \`--format table|json\`.

Commands marked ⇄ ask the running daemon. They take \`--url URL\` and \`--token-file FILE\` besides their own options.

| exit code | means |
|---|---|
| 0 | fine |
| 1 | there are findings, or the daemon or the system refused |
| 2 | wrong usage |
| 3 | the daemon cannot be reached |

| variable | means |
|---|---|
| \`POOLGATE_URL\` | the daemon that commands ask; default \`http://127.0.0.1:9080\` |
| \`POOLGATE_TOKEN\` | its token; default: read from \`admin-token\` in the state directory |
| \`POOLGATE_STATE_DIR\` | the state directory; default \`/var/lib/poolgate\` for root, else \`$XDG_STATE_HOME/poolgate\` or \`~/.local/state/poolgate\` |
| \`POOLGATE_WORKERS\` | worker threads of the proxy data plane for \`run\`, 1 to 64; default: one per processor |
| \`NO_COLOR\` | set to anything: no colours |
`;

export function renderCliReference(): string {
  const program = buildProgram(silentCli());
  const sections = program.commands.flatMap((command) => leaves(command)).map(section);
  return [HEAD, ...sections].join('\n');
}

/** Options that the head of the page tells once. */
const SHARED = ['--url', '--token-file', '--format'];

/** Commands that do something; those that only hold others, and so have no options, are left out. */
function leaves(command: Command): Command[] {
  const below = command.commands.flatMap(leaves);
  return below.length === 0 || command.options.length > 0 ? [command, ...below] : below;
}

function section(command: Command): string {
  const asksDaemon = command.options.some((option) => option.long === '--url');
  const own = command.options.filter((option) => !SHARED.includes(option.long ?? ''));
  const options = own.map((option) => {
    const standard = option.defaultValue === undefined ? '' : ` (default: ${String(option.defaultValue)})`;
    return `| \`${cell(option.flags)}\` | ${cell(option.description)}${standard} |`;
  });
  const args = command.registeredArguments.map(
    (arg) => `| \`${argumentText(arg)}\` | ${cell(arg.description)} |`,
  );
  const rows = [...args, ...options];
  const examples = examplesOf(command).map(([line, does]) => `${line}   # ${does}`);
  return [
    `## ${fullName(command)}${asksDaemon ? ' ⇄' : ''}\n`,
    `${command.description()}.\n`,
    ...(rows.length > 0 ? ['| | |', '|---|---|', ...rows, ''] : []),
    ...(examples.length > 0 ? ['```sh', ...examples, '```', ''] : []),
  ].join('\n');
}

function fullName(command: Command): string {
  return command.parent ? `${fullName(command.parent)} ${command.name()}` : command.name();
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function refuse(): Promise<never> {
  return Promise.reject(new Error('the reference runs nothing'));
}

function silentCli(): Cli {
  const io = {
    out: () => {},
    err: () => {},
    env: {},
    confirm: async () => null,
    terminal: null,
    columns: null,
    colour: false,
    now: () => 0,
    interrupted: new AbortController().signal,
  };
  return { io, version: '', start: { daemon: refuse, demo: refuse }, exitCode: 0 };
}
