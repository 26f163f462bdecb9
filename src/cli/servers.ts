import type { Command } from 'commander';
import { z } from 'zod';
import { server } from '../api/views.ts';
import { act, type Cli, client, type DaemonOptions, daemonCommand, print } from './command.ts';
import { EXIT } from './io.ts';
import { serversTable } from './servers-table.ts';

interface Options extends DaemonOptions {
  readonly pool?: string;
}

export function serversCommand(cli: Cli): Command {
  return daemonCommand('servers', 'Show every real server: state, health, checks, connections', [
    ['poolgate servers', 'all of them'],
    ['poolgate servers --pool ocspool', 'those of one pool'],
    ['poolgate servers --format json', 'for programs'],
  ])
    .option('--pool <name>', 'only this pool')
    .action(
      act(cli, async (options: Options) => {
        const query = options.pool === undefined ? '' : `?pool=${encodeURIComponent(options.pool)}`;
        const servers = await client(cli, options).get(`/api/v1/servers${query}`, z.array(server));
        print(cli, options.format, servers, () => serversTable(servers, cli.io.now(), cli.io));
        if (servers.length === 0) cli.io.err('There is no real server.\n');
        return EXIT.fine;
      }),
    );
}
