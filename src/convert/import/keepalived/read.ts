/** `virtual_server`, its addresses and its servers. */
import { parseAddress } from '../../../model/address.ts';
import type { DraftPort } from '../draft.ts';
import type { ImportOptions } from '../importer.ts';
import { linesLeftOut, type Report } from '../report.ts';
import { lastLineOf, type Statement } from './blocks.ts';
import { CHECKERS, readChecker } from './checkers.ts';
import {
  type Context,
  count,
  type RealServer,
  type Row,
  tell,
  type VirtualServer,
} from './virtual-server.ts';
import { SERVER_WORDS, VIRTUAL_WORDS } from './words.ts';

const MOST_SERVERS = 512;
const MOST_ADDRESSES = 64;

/** Null when it has no address that can be served. */
export function readVirtualServer(
  statement: Statement,
  groups: ReadonlyMap<string, Statement>,
  options: ImportOptions,
  report: Report,
): VirtualServer | null {
  const { line, words, block } = statement;
  const label = words.join(' ');
  const context: Context = { place: { line, section: label, text: label }, report };
  const ports = portsOf(words.slice(1), groups, options, context);
  if (ports.length === 0) {
    tell(
      context,
      'missing',
      `It has no address that can be served. ${linesLeftOut(line, lastLineOf(statement))}`,
    );
    return null;
  }
  const own = words[1] === 'group' ? (words[2] ?? '') : `vs-${ports[0]?.vip ?? 'any'}`;
  const vs: VirtualServer = {
    label,
    name: own,
    line,
    protocol: 'tcp',
    ports: [],
    scheduler: null,
    forwarding: null,
    persistenceMs: null,
    pace: {},
    servers: [],
    sorry: null,
    unusable: false,
  };
  // What stands behind the servers is for them too.
  const inner = block ?? [];
  for (const s of inner.filter((s) => s.words[0] !== 'real_server')) readWord(vs, s, context);
  vs.ports = ports.map((port) => ({ ...port, protocol: vs.protocol }));
  for (const s of inner.filter((s) => s.words[0] === 'real_server')) addServer(vs, s, context);
  const answer = vs.ports.map((p) => p.first).join(', ');
  if (vs.unusable)
    tell(context, 'missing', `Only TCP and UDP are balanced. ${linesLeftOut(line, lastLineOf(statement))}`);
  else tell(context, 'translated', `Ports ${answer} of the virtual service.`);
  return vs;
}

function readWord(vs: VirtualServer, statement: Statement, context: Context): void {
  const [word = '', ...args] = statement.words;
  const own = at(context, statement);
  if (word === 'sorry_server') {
    vs.sorry = endpoint(args, own);
    if (vs.sorry) tell(own, 'translated', '`fallback`: it gets connections while no real server can.');
    return;
  }
  const row = Object.hasOwn(VIRTUAL_WORDS, word) ? VIRTUAL_WORDS[word] : undefined;
  if (row) apply(row, vs, args, own);
  else tellUnknown(word, ['real_server', 'sorry_server', ...Object.keys(VIRTUAL_WORDS)], own);
}

function apply<T>(row: Row<T>, into: T, args: readonly string[], context: Context): void {
  if (row.read) row.read(into, args, context);
  else tell(context, row.kind, row.becomes);
}

function tellUnknown(word: string, known: readonly string[], context: Context): void {
  const hint = context.report.meant(word, known);
  tell(context, 'missing', `keepalived knows no \`${word.slice(0, 40)}\` here.`, hint);
}

function addServer(vs: VirtualServer, statement: Statement, context: Context): void {
  const [, ...args] = statement.words;
  const own = at(context, statement);
  if (vs.servers.length >= MOST_SERVERS)
    return tell(own, 'missing', `Only the first ${MOST_SERVERS} servers are read.`);
  const server = endpoint(args, own);
  if (!server) return undefined;
  vs.servers.push(server);
  const block = statement.block ?? [];
  for (const inner of block.filter((s) => !isChecker(s))) {
    const [word = '', ...more] = inner.words;
    const row = Object.hasOwn(SERVER_WORDS, word) ? SERVER_WORDS[word] : undefined;
    if (row) apply(row, server, more, at(context, inner));
    else tellUnknown(word, [...Object.keys(CHECKERS), ...Object.keys(SERVER_WORDS)], at(context, inner));
  }
  for (const inner of block.filter(isChecker).slice(0, 32))
    readChecker(server, vs, inner, at(context, inner));
  return tell(own, 'translated', 'A real server.');
}

function isChecker(statement: Statement): boolean {
  return Object.hasOwn(CHECKERS, statement.words[0] ?? '');
}

/** An address and a port; 0 or none is "the same". */
function endpoint([address = '', text]: readonly string[], context: Context): RealServer | null {
  const port = text === undefined ? 0 : count(text, 65_535);
  const parsed = parseAddress(address);
  if (!parsed.ok || port === null) {
    const problem = parsed.ok ? `\`${text}\` is no port` : `\`${address.slice(0, 80)}\` ${parsed.problem}`;
    tell(context, 'missing', `${problem}. Left out.`, parsed.ok ? '' : parsed.hint);
    return null;
  }
  return {
    name: `rs-${parsed.address}`,
    address: parsed.address,
    port: port === 0 ? null : port,
    line: context.place.line,
    weight: undefined,
    maxConnections: 0,
    inhibit: false,
    pace: {},
    checks: [],
  };
}

/** `IP PORT`, `group NAME`, `fwmark N`. */
function portsOf(
  words: readonly string[],
  groups: ReadonlyMap<string, Statement>,
  options: ImportOptions,
  context: Context,
): DraftPort[] {
  const [first = '', second] = words;
  if (first === 'fwmark') {
    const message =
      'What has this mark is decided by rules of the firewall, which the file does not have. Left out.';
    tell(
      context,
      'missing',
      message,
      'Write a virtual service with the VIP and the ports that those rules mark.',
    );
    return [];
  }
  if (first !== 'group') return placesOf(first, second, options, context);
  const group = groups.get(second ?? '');
  if (!group) {
    const hint = context.report.meant(second ?? '', [...groups.keys()]);
    tell(context, 'missing', `There is no \`virtual_server_group ${(second ?? '').slice(0, 40)}\`.`, hint);
    return [];
  }
  return (group.block ?? []).slice(0, 1024).flatMap((member) => {
    const own = {
      ...context,
      place: { line: member.line, section: group.words.join(' '), text: member.words.join(' ') },
    };
    const ports = portsOf(member.words[0] === 'group' ? [] : member.words, groups, options, own);
    if (ports.length > 0) tell(own, 'translated', 'A port of a virtual service.');
    return ports;
  });
}

/** `10.0.0.40 443`, in groups also `10.0.0.40-45 443` and ranges of ports. */
function placesOf(
  text: string,
  port: string | undefined,
  options: ImportOptions,
  context: Context,
): DraftPort[] {
  const [, from, to] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(port ?? '0') ?? [];
  const [first, last] = [Number(from ?? 0), Number(to ?? from ?? 0)];
  if (first < 1 || last > 65_535 || last < first) {
    tell(
      context,
      'missing',
      'All ports of an address are not served as one. Left out.',
      'Write the ports that clients use.',
    );
    return [];
  }
  const { line } = context.place;
  return addressesOf(text, options, context).map((vip) => ({ vip, protocol: 'tcp', first, last, line }));
}

function addressesOf(text: string, options: ImportOptions, context: Context): string[] {
  const [, head = '', low, high] = /^(.*[.:])([\da-fA-F]{1,4})-([\da-fA-F]{1,4})$/.exec(text) ?? [];
  const base = head.includes(':') ? 16 : 10;
  const [first, last] = [Number.parseInt(low ?? '', base), Number.parseInt(high ?? '', base)];
  const all =
    low === undefined
      ? [text]
      : Array.from(
          { length: Math.min(MOST_ADDRESSES, Math.max(0, last - first + 1)) },
          (_, i) => `${head}${(first + i).toString(base)}`,
        );
  return all.flatMap((address) => {
    const parsed = parseAddress(address);
    if (parsed.ok) return [parsed.address];
    if (options.vip !== null && !/^[\d.:]/.test(address)) return [options.vip];
    tell(context, 'missing', `\`${address.slice(0, 80)}\` ${parsed.problem}. Left out.`, parsed.hint);
    return [];
  });
}

function at(context: Context, { line, words }: Statement): Context {
  return { ...context, place: { ...context.place, line, text: words.join(' ') } };
}
