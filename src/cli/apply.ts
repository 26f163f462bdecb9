import type { Command } from 'commander';
import { act, type Cli, type DaemonOptions, daemonCommand, print } from './command.ts';
import { EXIT } from './io.ts';
import { planSummary, planText } from './plan-table.ts';
import { sendConfig } from './send-config.ts';

export function applyCommand(cli: Cli): Command {
  return daemonCommand(
    'apply',
    'Make a config the running one, all or nothing; the daemon writes its own file',
    [['poolgate apply /etc/poolgate/new.yaml', 'after: poolgate plan /etc/poolgate/new.yaml']],
  )
    .argument('<config>', 'the config file to apply')
    .action(
      act(cli, async (file: string, options: DaemonOptions) => {
        const steps = await sendConfig(cli, '/api/v1/apply', file, options);
        if (steps === null) return EXIT.refused;
        print(cli, options.format, steps, () => planText(steps, cli.io.colour));
        cli.io.err(steps.length === 0 ? 'Nothing changed.\n' : `Applied ${planSummary(steps)}\n`);
        return EXIT.fine;
      }),
    );
}
