/** The live view: from what is known now to the lines on the screen. Pure. */
import type { Protocol } from './call.ts';
import { type LogEntry, logLines } from '../cli/terminal/log-lines.ts';
import { type Line, type Look, fill, span, widthOf } from '../cli/terminal/spans.ts';
import { serverTable } from './view-servers.ts';
import { wrap } from '../cli/terminal/wrap.ts';

export interface Scene {
  readonly vip: string;
  readonly elapsedMs: number;
  /** `number` 0: no part of the tour. */
  readonly chapter: { readonly number: number; readonly of: number; readonly title: string };
  /** What is going on. */
  readonly text: string;
  /** What to look at; may be empty. */
  readonly look: string;
  readonly servers: readonly SceneServer[];
  /** Oldest first. */
  readonly answers: readonly { readonly protocol: Protocol; readonly server: string }[];
  readonly clients: SceneClients;
  /** Oldest first. */
  readonly log: readonly LogEntry[];
  readonly keys: readonly (readonly [key: string, does: string])[];
  /** A command line for another terminal. */
  readonly command: string;
}

export interface SceneServer {
  readonly name: string;
  readonly address: string;
  readonly state: 'UP' | 'FAILING' | 'DOWN' | 'DRAIN' | 'MAINT' | 'INI';
  readonly checks: readonly { readonly port: number; readonly result: string }[];
  readonly open: number;
  /** Keys act on this one. */
  readonly chosen: boolean;
}

export interface SceneClients {
  readonly people: number;
  readonly signedIn: number;
  readonly answered: number;
  readonly cut: number;
  readonly cutOn: readonly string[];
  readonly turnedAway: number;
}

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Of the text and what to look at; always so many, so that nothing below jumps. */
const TEXT_LINES = 5;
/** From this height on there is air between the parts. */
const ROOMY_ROWS = 28;
const LOG_AT_LEAST = 2;

/** Exactly `rows` lines, each exactly `columns` wide. */
export function render(scene: Scene, { columns, rows }: Size): Line[] {
  const air: Line[] = rows >= ROOMY_ROWS ? [[]] : [];
  const top = [
    ...header(scene, columns),
    ...air,
    ...story(scene, columns),
    ...serverTable(scene.servers, columns),
    [],
    ...roll(scene, columns),
    ...air,
    clients(scene.clients),
    ...air,
  ];
  const bottom = [...command(scene, columns, rows), keys(scene.keys, columns)];
  const room = rows - top.length - bottom.length;
  const lines = [
    ...top,
    [span(' WHAT HAPPENED', 'bold')],
    ...logLines(scene.log, columns, Math.max(LOG_AT_LEAST, room) - 1),
  ];
  const shown = lines.slice(0, Math.max(0, rows - bottom.length));
  while (shown.length < rows - bottom.length) shown.push([]);
  return [...shown, ...bottom].slice(-rows).map((line) => fill(line, columns));
}

function header({ vip, elapsedMs }: Scene, columns: number): Line[] {
  const seconds = Math.floor(elapsedMs / 1000);
  const clock = `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
  const left = [span(' POOLGATE', 'bold'), span('  a pool of three servers behind one address')];
  const right = [span(`VIP ${vip}  `), span(`${clock} `, 'bold')];
  const both = columns - widthOf(right) - 2;
  return [[...fill(left, both), span('  '), ...right], [span('─'.repeat(columns), 'dim')]];
}

function story({ chapter, text, look }: Scene, columns: number): Line[] {
  const number = chapter.number > 0 ? `${chapter.number} of ${chapter.of}  ` : '';
  const title = [span(` ▸ ${number}`, 'dim'), span(chapter.title, 'bold')];
  const told = wrap(text, columns - 6).map((line) => [span(`   ${line}`)]);
  const shown = wrap(look, columns - 8).map((line, at) => [
    span(at === 0 ? '   → ' : '     ', 'yellow'),
    span(line, 'yellow'),
  ]);
  const lines: Line[] = [...told, ...shown].slice(0, TEXT_LINES);
  while (lines.length < TEXT_LINES) lines.push([]);
  return [title, ...lines];
}

const LETTERS: Record<Protocol, string> = { sip: 'S', sipTls: 'T', https: 'H' };
/** Paper of each server's row, in order. */
const PAPERS: readonly Look[] = ['onCyan', 'onMagenta', 'onBlue'];
const INKS: readonly Look[] = ['cyan', 'magenta', 'blue'];

/** A row for each server, a column for each connection: who answered. */
function roll({ servers, answers }: Scene, columns: number): Line[] {
  const label = 7;
  const shown = answers.slice(-Math.max(1, Math.floor((columns - label - 1) / 2)));
  const rows = servers.map((server, row) => {
    const cells = shown.map(({ server: name, protocol }) =>
      name === server.name ? span(`${LETTERS[protocol]} `, PAPERS[row % PAPERS.length]) : span('· ', 'dim'),
    );
    return [span(` ${server.name.padEnd(label - 1)}`, INKS[row % INKS.length]), ...cells];
  });
  return [
    [
      span(' WHO ANSWERED', 'bold'),
      span('  one column per connection   S SIP  T SIP over TLS  H HTTPS', 'dim'),
    ],
    ...rows,
  ];
}

function clients({ people, signedIn, answered, cut: lost, cutOn, turnedAway }: SceneClients): Line {
  const where = cutOn.length > 0 ? ` (${cutOn.join(', ')})` : '';
  return [
    span(' CLIENTS', 'bold'),
    span(`  ${signedIn} of ${people} signed in · ${answered} answered · `),
    span(`${lost} cut off${where}`, lost > 0 ? 'yellow' : undefined),
    span(' · '),
    span(`${turnedAway} turned away`, turnedAway > 0 ? 'yellow' : undefined),
  ];
}

/** Half a command would be worse than none. */
function command({ command: text }: Scene, columns: number, rows: number): Line[] {
  const fits = rows >= ROOMY_ROWS - 2 && text !== '' && text.length + 7 <= columns;
  return fits ? [[span('  try  ', 'dim'), span(text)]] : [];
}

function keys(list: Scene['keys'], columns: number): Line {
  const text = list.map(([key, does]) => `${key} ${does}`).join('   ');
  return [span(` ${text}`.padEnd(columns), 'bar')];
}
