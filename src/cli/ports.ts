import { type Command, InvalidArgumentError, Option } from 'commander';
import { findProduct, findRoles, type Named } from '../catalogue/names.ts';
import type { Selection } from '../catalogue/select.ts';
import type { CatalogueRow, Direction } from '../catalogue/row.ts';
import type { Product } from '../catalogue/products.ts';
import type { Role } from '../catalogue/roles.ts';
import { act, type Cli, newCommand, wholeNumber } from './command.ts';
import { EXIT, type ExitCode } from './io.ts';

export type TextFormat = 'table' | 'json' | 'csv';

interface Options {
  readonly product?: Product;
  readonly role?: readonly Role[];
  readonly port?: number;
  readonly direction?: Direction;
  readonly loadBalanced?: boolean;
  readonly compare?: boolean;
  readonly format: TextFormat;
}

export function portsCommand(cli: Cli): Command {
  return newCommand(
    'ports',
    'Show the ports of servers, load balancers and clients, with their documents and what these have wrong',
    [
      ['poolgate ports --product ocs-2007-r2 --role front-end', 'what a Front End Server has'],
      ['poolgate ports --port 5062', 'what is it for?'],
      ['poolgate ports --product sfb-2019 --load-balanced', 'what goes through VIPs'],
      ['poolgate ports --compare', 'what documents put on the VIP of an Enterprise pool, side by side'],
    ],
  )
    .option('--product <name>', 'of this product, such as ocs-2007-r2 or sfb-2019', named(findProduct))
    .option(
      '--role <name>',
      'of this role, such as front-end, "Edge Server" or communicator',
      named(findRoles),
    )
    .option('--port <number>', 'rows that have this port', wholeNumber(1, 65535))
    .addOption(
      new Option('--direction <direction>', 'who connects, as the role sees it').choices([
        'inbound',
        'outbound',
        'both',
      ]),
    )
    .option('--load-balanced', 'only what goes through a VIP')
    .option('--no-load-balanced', 'only what goes to servers and clients themselves')
    .option('--compare', 'instead: the documents side by side, for the VIP of an Enterprise pool')
    .addOption(
      new Option('--format <format>', 'table for people, json for programs, csv for spreadsheets')
        .choices(['table', 'json', 'csv'])
        .default('table'),
    )
    .action(act(cli, (options: Options) => show(cli, options)));
}

async function show(cli: Cli, options: Options): Promise<ExitCode> {
  if (options.compare) return compare(cli, options);
  // Only here: other commands start faster without the catalogue.
  const { selectRows, whyNone } = await import('../catalogue/select.ts');
  const selection = selectionOf(options);
  const rows = selectRows(selection);
  await printRows(cli, options.format, rows);
  if (rows.length > 0) return EXIT.fine;
  cli.io.err(`poolgate: ${whyNone(selection)}\n`);
  return EXIT.refused;
}

function selectionOf({ product, role, port, direction, loadBalanced }: Options): Selection {
  return {
    ...(product && { product }),
    ...(role && { roles: role }),
    ...(port !== undefined && { port }),
    ...(direction && { direction }),
    ...(loadBalanced !== undefined && { loadBalanced }),
  };
}

function named<T>(find: (text: string) => Named<T>): (text: string) => T {
  return (text) => {
    const found = find(text);
    if (found.ok) return found.value;
    throw new InvalidArgumentError(found.problem);
  };
}

async function printRows(cli: Cli, format: TextFormat, rows: readonly CatalogueRow[]): Promise<void> {
  const { rowsText } = await import('./ports-text.ts');
  cli.io.out(rowsText(format, rows, cli.io));
}

async function compare(cli: Cli, options: Options): Promise<ExitCode> {
  const { product, role, port, direction, loadBalanced, format } = options;
  if ([product, role, port, direction, loadBalanced].some((value) => value !== undefined)) {
    cli.io.err('poolgate: --compare takes no other option than --format: it compares one VIP.\n');
    return EXIT.usage;
  }
  const [{ comparePorts }, { comparisonText }] = await Promise.all([
    import('../catalogue/compare.ts'),
    import('./ports-compare-text.ts'),
  ]);
  cli.io.out(comparisonText(format, comparePorts(), cli.io));
  return EXIT.fine;
}
