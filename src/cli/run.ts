import { type Command, Option } from 'commander';
import { act, type Cli, newCommand, type RunOptions, wholeNumber } from './command.ts';

export function runCommand(cli: Cli): Command {
  return newCommand('run', 'Run in the foreground', [
    ['poolgate run /etc/poolgate.yaml', 'logs JSON lines to stderr'],
    ['kill -HUP PID', 'read the file again; what did not change is not touched'],
    ['kill -TERM PID', 'stop: no new connections, wait shutdownTimeout, then reset the rest'],
  ])
    .argument('<config>', 'the config file')
    .addOption(
      new Option('--workers <count>', 'threads of the proxy data plane, 1 to 64 (default: one per processor)')
        .env('POOLGATE_WORKERS')
        .argParser(wholeNumber(1, 64)),
    )
    .option('--no-io-uring', 'plain system calls only, as where the kernel has no io_uring or forbids it')
    .addHelpText('after', ENVIRONMENT)
    .action(
      act(cli, (configFile: string, options: Omit<RunOptions, 'configFile'>) =>
        cli.start.daemon({ configFile, ...options }),
      ),
    );
}

const ENVIRONMENT = `
Environment:
  POOLGATE_STATE_DIR   where state and the admin token live
                       (default: /var/lib/poolgate for root, else ~/.local/state/poolgate)`;
