/** What `top` shows: from the trace to lines as wide as the window. Pure. */
import type { PoolgateEvent, ServerView, ServiceView } from '../../state/contract.ts';
import { type Column, GAP, tableCells } from '../table.ts';
import { logLines } from '../terminal/log-lines.ts';
import { cut, fill, type Line, type Look, span, widthOf } from '../terminal/spans.ts';
import { sparkline } from '../terminal/sparkline.ts';
import { type Colour, bytes, duration, printable } from '../text.ts';
import { judge, type Level } from '../verdict.ts';
import { KEPT, latest, nameOf, type Sample, type Trace } from './trace.ts';

export interface Scene {
  readonly trace: Trace;
  readonly sample: Sample;
  /** Wall clock, ms. */
  readonly now: number;
  /** Why what is shown is not of this second; empty when it is. */
  readonly trouble: string;
}

export interface Size {
  readonly columns: number;
  /** Null: as many as it takes, and no line about keys. */
  readonly rows: number | null;
}

const EVENTS_OF_A_SNAPSHOT = 10;
/** With so many rows or more there is air between the parts. */
const ROOMY_ROWS = 20;
/** Below this the verdict needs all the room. */
const NARROW = 80;
const LEVELS: Record<Level, readonly [string, Look]> = {
  ok: ['OK', 'green'],
  starting: ['STARTING', 'yellow'],
  degraded: ['DEGRADED', 'yellow'],
  down: ['DOWN', 'red'],
};

/** With `rows` given exactly so many lines, each exactly `columns` wide. */
export function render(scene: Scene, { columns, rows }: Size): Line[] {
  const { trace, sample } = scene;
  const air: Line[] = rows === null || rows >= ROOMY_ROWS ? [[]] : [];
  const services = lines(sample.status.services, serviceColumns(trace), columns);
  const head = [...header(scene, columns), ...air];
  if (rows === null) {
    const servers = lines(sample.servers, serverColumns(trace, sample.servers), columns);
    const events = eventLines(sample.events.slice(-EVENTS_OF_A_SNAPSHOT), columns, Infinity);
    return [...head, ...services, ...air, ...servers, ...air, ...events].map((line) => cut(line, columns));
  }
  const room = Math.max(0, rows - 1 - head.length);
  const shownServices = atMost(services, Math.max(2, Math.floor(room / 4)));
  const left = room - shownServices.length - air.length * 2;
  // At least a title and two events where there is room for anything.
  const servers = serverLines(scene, columns, Math.max(2, left - 3));
  const events = eventLines(sample.events, columns, left - servers.length - 1);
  const all = [...head, ...shownServices, ...air, ...servers, ...air, ...events].slice(0, rows - 1);
  while (all.length < rows - 1) all.push([]);
  return [...all, [span(' q quit'.padEnd(columns), 'bar')]].map((line) => fill(line, columns));
}

function header({ sample, now, trouble }: Scene, columns: number): Line[] {
  const { status, servers, sources } = sample;
  const verdict = judge(status, servers, sources, now);
  const [word, look] = LEVELS[verdict.level];
  const up = columns < NARROW ? '' : ` up ${duration(status.uptimeMs)}`;
  const right = [span(up, 'dim'), span(` ${clock(now)} UTC `)];
  const left = [span(' POOLGATE ', 'bold'), span(` ${word} `, look), span(` ${printable(verdict.summary)}`)];
  const first = [...fill(left, Math.max(0, columns - widthOf(right))), ...right];
  const load = ` ${status.active} of ${status.capacity} connections`;
  const plane = `, ${status.dataPlane} data plane, ${status.workers} workers`;
  const second =
    trouble === '' ? span(load + printable(plane), 'dim') : span(` ${printable(trouble)}`, 'red');
  return [first, [second]];
}

/** Those that need a look first, where not all find room. */
function serverLines({ trace, sample }: Scene, columns: number, most: number): Line[] {
  const { servers } = sample;
  const fits = servers.length + 1 <= most;
  const inOrder = fits
    ? servers
    : servers.toSorted((a, b) => Number(a.usable) - Number(b.usable) || b.active - a.active);
  return atMost(lines(inOrder, serverColumns(trace, servers), columns), most);
}

/** The last line that finds room says how many do not. */
function atMost(all: Line[], most: number): Line[] {
  if (all.length <= most) return all;
  return [...all.slice(0, most - 1), [span(` … and ${all.length - most + 1} more`, 'dim')]];
}

function lines<Row>(rows: readonly Row[], columns: readonly Column<Row>[], width: number): Line[] {
  const { head, lines: cells } = tableCells(rows, columns, width - 1);
  const gap = ' '.repeat(GAP);
  const title: Line = [span(` ${head.join(gap)}`, 'bold')];
  return [
    title,
    ...cells.map(
      (row): Line => [
        span(' '),
        ...row.flatMap(({ text, colour }) => [span(text, colour ?? undefined), span(gap)]),
      ],
    ),
  ];
}

function serviceColumns(trace: Trace): readonly Column<ServiceView>[] {
  const of = (s: ServiceView) => latest(trace.services, s.name);
  return [
    { title: 'SERVICE', cell: (s) => s.name, shrinkTo: 8 },
    { title: 'STATE', cell: (s) => s.state, colour: serviceColour },
    { title: 'ACTIVE', cell: (s) => String(s.active), align: 'right' },
    { title: 'NEW/S', cell: (s) => rate(of(s).connections), align: 'right' },
    {
      title: 'REFUSED/S',
      cell: (s) => rate(of(s).refused),
      align: 'right',
      colour: (s) => (of(s).refused > 0 ? 'red' : null),
    },
    { title: 'VIP', cell: (s) => s.vip, optional: true },
    { title: 'PORTS', cell: (s) => s.ports, shrinkTo: 8, optional: true },
    { title: 'NEW/S LATELY', cell: (s) => spark(trace.services, s.name), optional: true },
  ];
}

function serverColumns(trace: Trace, servers: readonly ServerView[]): readonly Column<ServerView>[] {
  const of = (s: ServerView) => latest(trace.servers, nameOf(s));
  const onePool = new Set(servers.map(({ pool }) => pool)).size === 1;
  const columns: readonly Column<ServerView>[] = [
    { title: 'SERVER', cell: onePool ? (s) => s.name : nameOf, shrinkTo: 16 },
    { title: 'STATE', cell: (s) => stateOf(s)[0], colour: (s) => stateOf(s)[1] },
    { title: 'ACTIVE', cell: (s) => String(s.active), align: 'right' },
    { title: 'NEW/S', cell: (s) => rate(of(s).connections), align: 'right' },
    { title: 'IN/S', cell: (s) => bytes(of(s).bytesIn), align: 'right' },
    { title: 'OUT/S', cell: (s) => bytes(of(s).bytesOut), align: 'right' },
    { title: 'WEIGHT', cell: (s) => String(s.weight), align: 'right', optional: true },
    { title: 'NEW/S LATELY', cell: (s) => spark(trace.servers, nameOf(s)), optional: true },
  ];
  const why = { title: 'WHY NOT', cell: (s: ServerView) => s.reason, shrinkTo: 12 };
  return servers.some(({ reason }) => reason !== '') ? [...columns, why] : columns;
}

function stateOf({ admin, weight, health, usable }: ServerView): readonly [string, Colour] {
  if (admin === 'maint') return ['MAINT', 'yellow'];
  if (health === 'down') return ['DOWN', 'red'];
  if (health === 'unknown') return ['INI', 'dim'];
  if (admin === 'drain' || weight === 0) return ['DRAIN', 'yellow'];
  return usable ? ['UP', 'green'] : ['UP', 'yellow'];
}

function serviceColour({ state }: ServiceView): Colour {
  return state === 'serving' ? 'green' : state === 'fallback' ? 'yellow' : 'red';
}

const SEVERITIES: Record<PoolgateEvent['severity'], Look | undefined> = {
  info: 'dim',
  notice: undefined,
  warning: 'yellow',
  error: 'red',
};

function eventLines(events: readonly PoolgateEvent[], columns: number, room: number): Line[] {
  const entries = events.map(({ at, message, severity }) => ({
    at: clock(Date.parse(at)),
    text: printable(message),
    look: SEVERITIES[severity],
  }));
  return [[span(' EVENTS', 'bold')], ...logLines(entries, columns, room)];
}

function spark(of: Trace['servers'], name: string): string {
  return sparkline(
    (of.get(name) ?? []).map(({ connections }) => connections),
    KEPT,
  );
}

/** In UTC, like the log and `poolgate events`. */
function clock(ms: number): string {
  return Number.isFinite(ms) ? new Date(ms).toISOString().slice(11, 19) : '--:--:--';
}

function rate(perSecond: number): string {
  return perSecond > 0 && perSecond < 10 ? perSecond.toFixed(1) : String(Math.round(perSecond));
}
