import type { Command } from 'commander';
import { act, type Cli, type DaemonOptions, daemonCommand, print } from './command.ts';
import { EXIT } from './io.ts';
import { planSummary, planText } from './plan-table.ts';
import { sendConfig } from './send-config.ts';

export function planCommand(cli: Cli): Command {
  return daemonCommand('plan', 'Show what applying a config would change, and which connections that cuts', [
    ['poolgate plan /etc/poolgate/new.yaml', 'changes nothing'],
  ])
    .argument('<config>', 'the config file to compare with what runs')
    .action(
      act(cli, async (file: string, options: DaemonOptions) => {
        const steps = await sendConfig(cli, '/api/v1/plan', file, options);
        if (steps === null) return EXIT.refused;
        print(cli, options.format, steps, () => planText(steps, cli.io.colour));
        cli.io.err(steps.length === 0 ? 'Nothing would change.\n' : `Would make ${planSummary(steps)}\n`);
        return EXIT.fine;
      }),
    );
}
