import type { Command } from 'commander';
import { z } from 'zod';
import { event as eventSchema } from '../api/views.ts';
import type { PoolgateEvent } from '../state/contract.ts';
import { act, type Cli, client, type DaemonOptions, daemonCommand, print, wholeNumber } from './command.ts';
import { follow } from './follow.ts';
import { EXIT, type Io } from './io.ts';
import { type Colour, jsonText, paint, printable } from './text.ts';

interface Options extends DaemonOptions {
  readonly follow?: boolean;
  readonly lines: number;
}

export function eventsCommand(cli: Cli): Command {
  return daemonCommand('events', 'Show what happened: servers up and down, changes and who made them', [
    ['poolgate events', 'the latest 20'],
    ['poolgate events -f', 'and what happens from now on, until Ctrl-C'],
    ['poolgate events -f --format json', 'one JSON object a line'],
  ])
    .option('-f, --follow', 'go on with what happens; survives a restart of the daemon')
    .option('-n, --lines <count>', 'how many past events', wholeNumber(0, 1000), 20)
    .action(act(cli, (options: Options) => (options.follow ? followed(cli, options) : latest(cli, options))));
}

async function latest(cli: Cli, options: Options) {
  const path = `/api/v1/events/recent?limit=${Math.max(1, options.lines)}`;
  const events = (await client(cli, options).get(path, z.array(eventSchema))).slice(0, options.lines);
  print(cli, options.format, events, () => events.map((event) => eventLine(event, cli.io)).join(''));
  return EXIT.fine;
}

async function followed(cli: Cli, options: Options) {
  const line = (event: PoolgateEvent) =>
    options.format === 'json' ? `${jsonText(event, 0)}\n` : eventLine(event, cli.io);
  const handlers = {
    onEvent: (event: PoolgateEvent) => cli.io.out(line(event)),
    onNotice: (text: string) => cli.io.err(`poolgate: ${text}\n`),
  };
  await follow(client(cli, options), options.lines, handlers, cli.io.interrupted);
  return EXIT.fine;
}

const COLOURS: Record<PoolgateEvent['severity'], Colour | null> = {
  info: 'dim',
  notice: null,
  warning: 'yellow',
  error: 'red',
};

/** Times in UTC, like the log, so that the two can be laid side by side. */
function eventLine(event: PoolgateEvent, io: Io): string {
  const at = printable(event.at)
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z');
  const severity = paint(event.severity.padEnd(7), COLOURS[event.severity], io.colour);
  return `${at}  ${severity}  ${printable(event.message)} ${paint(`[${printable(event.actor)}]`, 'dim', io.colour)}\n`;
}
