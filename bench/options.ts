import { parseArgs } from 'node:util';
import type { GroupName } from './groups/group.ts';
import { GROUP_NAMES } from './groups/index.ts';
import { MEASURE_NAMES } from './measures/index.ts';
import type { MeasureName } from './metrics.ts';
import { PEER_NAMES, type PeerName } from './peers/index.ts';

export interface Options {
  readonly groups: readonly GroupName[];
  readonly only: readonly PeerName[];
  readonly measures: readonly MeasureName[];
  readonly seconds: number;
  readonly repeat: number;
  readonly connections: number;
  readonly held: number;
  readonly format: 'table' | 'json';
  readonly write: boolean;
  readonly profile: boolean;
}

export const HELP = `usage: npm run bench -- [options]
  --group NAMES       of ${GROUP_NAMES.join(',')} (default: all)
  --only NAMES        peers, of ${PEER_NAMES.join(',')} (default: all)
  --measure NAMES     of ${MEASURE_NAMES.join(',')} (default: all)
  --seconds S         length of one measured run, 0.2 to 60 (default 2)
  --repeat N          repetitions, 1 to 99 (default 7; memory at most 3)
  --connections N     open at a time in connections and roundtrips (default 64)
  --held N            idle connections held for the memory measure (default 4000)
  --format table|json what standard output gets (default table)
  --write             also write the sections of these groups in docs/benchmarks.md
  --profile           no comparison: where each balancer's time goes (perf) and which system calls it makes (strace)
`;

/** A mistake in the arguments; its message says which. */
export class UsageError extends Error {}

const FLAGS = {
  group: { type: 'string', default: GROUP_NAMES.join(',') },
  only: { type: 'string', default: PEER_NAMES.join(',') },
  measure: { type: 'string', default: MEASURE_NAMES.join(',') },
  seconds: { type: 'string', default: '2' },
  repeat: { type: 'string', default: '7' },
  connections: { type: 'string', default: '64' },
  held: { type: 'string', default: '4000' },
  format: { type: 'string', default: 'table' },
  write: { type: 'boolean', default: false },
  profile: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** Options of one run, or undefined when help was asked for. Throws UsageError. */
export function parseOptions(args: readonly string[]): Options | undefined {
  const values = parse(args);
  if (values.help) return undefined;
  if (values.format !== 'table' && values.format !== 'json')
    throw new UsageError('--format takes table or json');
  return {
    groups: names('group', values.group, GROUP_NAMES),
    only: names('only', values.only, PEER_NAMES),
    measures: names('measure', values.measure, MEASURE_NAMES),
    seconds: number('seconds', values.seconds, 0.2, 60),
    repeat: whole('repeat', values.repeat, 1, 99),
    connections: whole('connections', values.connections, 1, 10_000),
    held: whole('held', values.held, 100, 100_000),
    format: values.format,
    write: values.write,
    profile: values.profile,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function names<T extends string>(flag: string, text: string, known: readonly T[]): T[] {
  const wanted = text.split(',');
  for (const name of wanted) {
    if (!known.some((k) => k === name))
      throw new UsageError(`--${flag} takes ${known.join(',')}, not '${name}'`);
  }
  return known.filter((k) => wanted.includes(k));
}

function number(flag: string, text: string, least: number, most: number): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (value >= least && value <= most) return value;
  throw new UsageError(`--${flag} takes a number from ${least} to ${most}, not '${text}'`);
}

function whole(flag: string, text: string, least: number, most: number): number {
  const value = number(flag, text, least, most);
  if (Number.isInteger(value)) return value;
  throw new UsageError(`--${flag} takes a whole number, not '${text}'`);
}
