import type { Command } from 'commander';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import {
  event as eventSchema,
  server as serverSchema,
  source as sourceSchema,
  status as statusSchema,
} from '../../api/views.ts';
import type { Client } from '../client.ts';
import { act, type Cli, client, type DaemonOptions, daemonCommand, print } from '../command.ts';
import { EXIT, type ExitCode } from '../io.ts';
import { toText } from '../terminal/spans.ts';
import { live } from './live.ts';
import { follow, latest, nameOf, NO_TRACE, type Sample, type Trace } from './trace.ts';
import { render } from './view.ts';

interface Options extends DaemonOptions {
  readonly once?: boolean;
}

export const EVERY_MS = 1000;
/** More than a window has lines. */
const EVENTS = 100;
/** Where the output has no width. */
const WIDE = 160;

export function topCommand(cli: Cli): Command {
  return daemonCommand('top', 'Watch services, servers and events, new each second; q ends it', [
    ['poolgate top', 'on a terminal'],
    ['poolgate top --once', 'as lines of text: the rates of one second'],
  ])
    .option('--once', 'one snapshot instead of a live view, as where the output is no terminal')
    .action(act(cli, (options: Options) => perform(cli, options)));
}

async function perform(cli: Cli, options: Options): Promise<ExitCode> {
  const { io } = cli;
  const daemon = client(cli, options);
  const ask = (): Promise<Sample> => sampleOf(daemon);
  const first = await ask();
  if (io.terminal && !options.once && options.format === 'table') {
    await live({ terminal: io.terminal, colour: io.colour, now: io.now, ended: io.interrupted, ask, first });
    return EXIT.fine;
  }
  await sleep(EVERY_MS, undefined, { signal: io.interrupted }).catch(() => {});
  const trace = follow(follow(NO_TRACE, first), await ask());
  const sample = trace.last ?? first;
  print(cli, options.format, snapshot(trace, sample), () => {
    const size = { columns: io.columns ?? WIDE, rows: null };
    const lines = render({ trace, sample, now: io.now(), trouble: '' }, size);
    return lines.map((line) => `${toText(line, io.colour).trimEnd()}\n`).join('');
  });
  return EXIT.fine;
}

async function sampleOf(daemon: Client): Promise<Sample> {
  const [status, servers, sources, events] = await Promise.all([
    daemon.get('/api/v1/status', statusSchema),
    daemon.get('/api/v1/servers', z.array(serverSchema)),
    daemon.get('/api/v1/sources', z.array(sourceSchema)),
    daemon.get(`/api/v1/events/recent?limit=${EVENTS}`, z.array(eventSchema)),
  ]);
  return { at: performance.now(), status, servers, sources, events };
}

/** What the API says, each with its rates. */
function snapshot(trace: Trace, { status, servers, events }: Sample): object {
  return {
    ...status,
    services: status.services.map((s) => {
      const { connections, refused } = latest(trace.services, s.name);
      return { ...s, perSecond: { connections, refused } };
    }),
    servers: servers.map((s) => {
      const { connections, bytesIn, bytesOut } = latest(trace.servers, nameOf(s));
      return { ...s, perSecond: { connections, bytesIn, bytesOut } };
    }),
    events,
  };
}
