/** `server`, `default-server` and `server-template`. */
import type { ServerPort } from '../draft.ts';
import { type Context, type Reader, type ServerWishes, tell } from './proxy.ts';
import { tellUnset } from './sections.ts';
import { SERVER_WORDS } from './server-words.ts';
import { readSource } from './source.ts';
import { parseEndpoint } from './values.ts';
import { expand } from './words.ts';

/** Twice what a pool takes; the rest is told. */
const MOST = 512;

export const readServer: Reader = (proxy, [name = '', address = '', ...words], context) => {
  if (address === '') {
    tell(context, 'missing', 'A server needs a name and an address. Left out.');
    return;
  }
  if (proxy.servers.length >= MOST) {
    tell(context, 'missing', `Only the first ${MOST} servers of a section are read.`);
    return;
  }
  const { text, unset } = expand(address, context.variables);
  for (const variable of unset) tellUnset(variable, context.place, context.report);
  const endpoint = parseEndpoint(text);
  const wishes = readWishes(proxy.defaults, words, context);
  if (endpoint.kind === 'other') {
    tell(context, 'missing', `It is ${endpoint.what}; real servers have IP addresses. Left out.`);
  } else if (endpoint.kind === 'bad' || endpoint.host === '' || endpoint.host === '*') {
    const problem = endpoint.kind === 'bad' ? endpoint.problem : 'is no address';
    tell(context, 'missing', `\`${text.slice(0, 80)}\` ${problem}. Left out.`);
  } else {
    const { host, ports } = endpoint;
    const port: ServerPort =
      ports.kind === 'range'
        ? { kind: 'fixed', port: ports.first }
        : ports.kind === 'none'
          ? { kind: 'same' }
          : ports;
    if (ports.kind === 'range' && ports.last > ports.first)
      tell(context, 'missing', 'A server has one port; the first of these is taken.');
    proxy.servers.push({ name, host, port, wishes, line: context.place.line });
  }
};

export const readDefaultServer: Reader = (proxy, words, context) => {
  proxy.defaults = readWishes(proxy.defaults, words, context);
  tell(context, 'translated', 'For the servers after it.');
};

export const readTemplate: Reader = (
  proxy,
  [prefix = 'server', count = '', address = '', ...words],
  context,
) => {
  readServer(proxy, [prefix, address, ...words], context);
  const message = `HAProxy makes servers from the addresses of a name (${count.slice(0, 20)}); here each server is written. One is.`;
  tell(context, 'missing', message, 'Write the others beside it, with their addresses.');
};

function readWishes(defaults: ServerWishes, words: readonly string[], context: Context): ServerWishes {
  let wishes = defaults;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === 'source') {
      const { source, size } = readSource(words.slice(at + 1), context);
      wishes = { ...wishes, ...(source ? { source } : {}) };
      at += size;
      continue;
    }
    const row = Object.hasOwn(SERVER_WORDS, word) ? SERVER_WORDS[word] : undefined;
    if (!row) {
      const hint = context.report.meant(word, Object.keys(SERVER_WORDS));
      tell(context, 'missing', `\`${word}\`: an unknown word of \`server\`.`, hint);
      continue;
    }
    const value = row.args > 0 ? (words[at + 1] ?? '') : '';
    at += row.args;
    const read = row.read?.(value) ?? null;
    if (read) wishes = { ...wishes, ...read };
    else if (row.read)
      tell(
        context,
        'missing',
        `\`${word} ${value}\`: the value is none that HAProxy takes, or out of bounds here.`,
      );
    else tell(context, row.fate, `\`${word}${value === '' ? '' : ` ${value}`}\`: ${row.becomes}`);
  }
  return wishes;
}
