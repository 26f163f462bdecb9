/** `stick-table` and `stick`: which clients come back to their server. */
import { formatDuration } from '../../../model/duration.ts';
import { type Context, type Proxy, type Reader, tell } from './proxy.ts';
import { parseSize, parseTime } from './values.ts';

/** Some 56 MB; more clients than that no pool has at once. */
const MOST_ENTRIES = 1_000_000;
const WEEK_MS = 168 * 3_600_000;

export const readTable: Reader = (proxy, args, context) => {
  const after = (word: string): string | undefined => args[args.indexOf(word) + 1 || args.length];
  const type = after('type') ?? '';
  if (!/^ip(?:v6)?$/.test(type)) {
    tell(
      context,
      'missing',
      `A table of type \`${type.slice(0, 20)}\` has no equivalent: clients are known by their address.`,
    );
    return;
  }
  proxy.table = {
    value: { ...tableTimeout(after('expire'), context), ...tableSize(after('size'), context) },
    line: context.place.line,
  };
  if (args.includes('peers'))
    tell(context, 'changed', '`peers`: entries are not shared with another machine.');
  const [, period] = /\bconn_rate\((\w+)\)/.exec(args.join(' ')) ?? [];
  proxy.ratePeriodMs = parseTime(period);
  if (args.includes('store'))
    tell(context, 'unneeded', '`store`: what limits of clients need is counted anyway.');
  if (args.includes('nopurge'))
    tell(context, 'changed', '`nopurge`: when the table is full the least recently used entry goes.');
};

function tableTimeout(text: string | undefined, context: Context): { timeoutMs?: number } {
  const ms = parseTime(text);
  if (ms === null || ms === 0) {
    tell(
      context,
      'changed',
      'Without `expire` entries stay for ever; here they go 30 minutes after their last connection.',
    );
    return {};
  }
  const timeoutMs = Math.min(WEEK_MS, Math.max(1000, ms));
  tell(context, timeoutMs === ms ? 'translated' : 'changed', `Entries last ${formatDuration(timeoutMs)}.`);
  return { timeoutMs };
}

function tableSize(text: string | undefined, context: Context): { maxEntries?: number } {
  const size = parseSize(text);
  if (size === null || size === 0) return {};
  if (size <= MOST_ENTRIES) {
    tell(context, 'translated', `\`maxEntries: ${size}\`.`);
    return { maxEntries: size };
  }
  tell(
    context,
    'changed',
    `\`size ${text}\` is ${size} entries: k is 1024 entries, not bytes. ${MOST_ENTRIES} are written, some 56 MB.`,
    'Size it by clients, such as 10240 for a pool of ten thousand users.',
  );
  return { maxEntries: MOST_ENTRIES };
}

const LIFE =
  'Persistence by source address. HAProxy forgets a client `expire` after it last opened a connection, even while that one lives; ' +
  'here an entry lives as long as a connection and `timeout` after.';

export const readStick: Reader = (proxy, [verb = '', what = '', ...rest], context) => {
  if (/^(?:on|match|store-request)$/.test(verb) && /^src(?:,|$)/.test(what))
    return stickOnSource(proxy, rest, context);
  if (verb === 'store-response') return tell(context, 'missing', 'What a server answers is not looked at.');
  const hint = 'Persistence by source address comes nearest: `persistence: { type: source-ip }`.';
  return tell(
    context,
    'missing',
    `Clients are known by their address; \`${what.slice(0, 40)}\` has no equivalent.`,
    hint,
  );
};

function stickOnSource(proxy: Proxy, rest: readonly string[], context: Context): void {
  const [word, table] = rest;
  proxy.stick = { value: word === 'table' ? (table ?? null) : null, line: context.place.line };
  tell(context, 'changed', LIFE, '', '');
  if (word === 'table' && table !== undefined) {
    const message = `The table is that of \`${table.slice(0, 40)}\`, shared; here each virtual service has its own. Sections that are merged into one share theirs.`;
    tell(context, 'changed', message);
  } else if (word === 'if' || word === 'unless') {
    tell(context, 'missing', 'Persistence on a condition has no equivalent; it holds for all clients.');
  }
}
