import type { Command } from 'commander';
import { act, type Cli, type DataOptions, formatOption, newCommand, print } from './command.ts';
import { EXIT } from './io.ts';

export function versionCommand(cli: Cli): Command {
  return newCommand('version', 'Print the version', [])
    .addOption(formatOption())
    .action(
      act(cli, (options: DataOptions) => {
        const versions = { poolgate: cli.version, node: process.versions.node };
        print(
          cli,
          options.format,
          versions,
          () => `poolgate ${cli.version} (Node.js ${process.versions.node})\n`,
        );
        return EXIT.fine;
      }),
    );
}
