import { type Line, type Look, span } from './spans.ts';
import { wrap } from './wrap.ts';

export interface LogEntry {
  /** `HH:MM:SS`. */
  readonly at: string;
  readonly text: string;
  readonly look?: Look | undefined;
}

const TIME_WIDTH = 11;

/** The newest at the bottom, as many whole ones as there is room for; the newest in any case. */
export function logLines(entries: readonly LogEntry[], columns: number, room: number): Line[] {
  let lines: Line[] = [];
  for (const entry of entries.slice(-Math.max(1, room)).toReversed()) {
    const more = linesOf(entry, columns);
    if (lines.length > 0 && lines.length + more.length > room) break;
    lines = [...more, ...lines];
  }
  return lines;
}

function linesOf({ at, text, look }: LogEntry, columns: number): Line[] {
  const time = (first: boolean) => span(first ? ` ${at}  ` : ' '.repeat(TIME_WIDTH), 'dim');
  return wrap(text, columns - TIME_WIDTH - 1).map((line, i) => [time(i === 0), span(line, look)]);
}
