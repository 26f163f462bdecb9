import type { Command } from 'commander';
import { act, type Cli, newCommand } from './command.ts';

export function runCommand(cli: Cli): Command {
  return newCommand('run', 'Run in the foreground', [
    ['poolgate run /etc/poolgate.yaml', 'logs JSON lines to stderr'],
    ['kill -HUP PID', 'read the file again; what did not change is not touched'],
    ['kill -TERM PID', 'stop: no new connections, wait shutdownTimeout, then reset the rest'],
  ])
    .argument('<config>', 'the config file')
    .addHelpText('after', ENVIRONMENT)
    .action(act(cli, (configFile: string) => cli.start.daemon({ configFile })));
}

const ENVIRONMENT = `
Environment:
  POOLGATE_STATE_DIR   where state and the admin token live
                       (default: /var/lib/poolgate for root, else ~/.local/state/poolgate)
  POOLGATE_WORKERS     worker threads of the proxy data plane, 1 to 64 (default: one per processor)`;
