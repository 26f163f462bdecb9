/** `connections --kill`: ends what the filter selects, after a question where somebody is there to answer it. */
import { z } from 'zod';
import { connection, resetCount } from '../api/views.ts';
import { type Cli, client, type DaemonOptions, print } from './command.ts';
import { EXIT, type ExitCode } from './io.ts';
import { plural, printable } from './text.ts';

export interface KillOptions {
  readonly kill?: boolean;
  readonly all?: boolean;
  readonly yes?: boolean;
}

/** The most that are counted before the question. */
const COUNTED = 100_000;

/** @param filter by the names of the API; empty only with `all` */
export async function killConnections(
  cli: Cli,
  filter: Readonly<Record<string, string | number>>,
  options: DaemonOptions & KillOptions,
): Promise<ExitCode> {
  const daemon = client(cli, options);
  if (!options.yes) {
    const agreed = await cli.io.confirm(async () => {
      const query = new URLSearchParams({ limit: String(COUNTED) });
      for (const [name, value] of Object.entries(filter)) query.set(name, String(value));
      const { items, more } = await daemon.list(`/api/v1/connections?${query}`, z.array(connection));
      const count = more ? `more than ${COUNTED} connections` : plural(items.length, 'connection');
      return printable(`Reset ${count} (${words(filter)})? [y/N] `);
    });
    if (agreed === false) {
      cli.io.err('Nothing was reset.\n');
      return EXIT.refused;
    }
    if (agreed === null && options.all) {
      cli.io.err('poolgate: --all where nobody can be asked needs --yes.\n');
      return EXIT.usage;
    }
  }
  const text = JSON.stringify(options.all ? { all: true } : filter);
  const done = await daemon.post('/api/v1/connections/reset', { type: 'application/json', text }, resetCount);
  const told =
    done.reset === 0
      ? 'No connection matches; nothing was reset.'
      : `${plural(done.reset, 'connection')} reset.`;
  print(cli, options.format, done, () => `${told}\n`);
  return EXIT.fine;
}

function words(filter: Readonly<Record<string, string | number>>): string {
  const parts = Object.entries(filter).map(([name, value]) => `${NAMES[name] ?? name} ${value}`);
  return parts.length === 0 ? 'ALL of them' : parts.join(', ');
}

const NAMES: Readonly<Record<string, string>> = {
  realServer: 'server',
  service: 'virtual service',
  vip: 'VIP',
  idleOver: 'idle over',
  ageOver: 'older than',
};
