/** `bind`, and the addresses that old files have behind `listen NAME`. */
import { parseAddress } from '../../../model/address.ts';
import { tellUnset } from './sections.ts';
import { type Context, type Proxy, type Table, tell } from './proxy.ts';
import { isAny, parseEndpoint } from './values.ts';
import { expand } from './words.ts';

interface BindWord {
  /** How many words follow it. */
  readonly args: number;
  readonly fate: 'unneeded' | 'changed' | 'missing' | 'breaks';
  readonly becomes: string;
  readonly hint?: string;
}

const PROCESS = 'Setting of the process; Poolgate has a listener on every worker.';
const OF_TLS = 'Setting of TLS that ends at HAProxy.';

/** `breaks`: clients would not get what they expect, so the address is left out. */
export const BIND_WORDS: Readonly<Record<string, BindWord>> = {
  ssl: {
    args: 0,
    fate: 'breaks',
    becomes: 'TLS ends at HAProxy there; Poolgate passes it through to the servers.',
    hint: 'Let the servers end TLS themselves, and import without it.',
  },
  'accept-proxy': {
    args: 0,
    fate: 'breaks',
    becomes: 'Clients send the PROXY protocol, which Poolgate does not read.',
    hint: 'Let clients connect without it, or keep a HAProxy before this VIP.',
  },
  'accept-netscaler-cip': {
    args: 1,
    fate: 'breaks',
    becomes: 'Clients send a header that Poolgate does not read.',
  },
  transparent: { args: 0, fate: 'missing', becomes: 'Listening on foreign addresses has no equivalent.' },
  interface: {
    args: 1,
    fate: 'changed',
    becomes: 'see `topology.interface`, to which Poolgate adds the VIP itself',
  },
  maxconn: {
    args: 1,
    fate: 'missing',
    becomes: 'A limit of one listener has no equivalent; `maxConnections` is one of the virtual service.',
  },
  ...quiet(PROCESS, [
    'backlog',
    'nice',
    'process',
    'thread',
    'shards',
    'id',
    'name',
    'tcp-ut',
    'mss',
    'guid-prefix',
    'idle-ping',
    'cc',
  ]),
  ...quiet(PROCESS, ['defer-accept', 'tfo', 'v4v6', 'v6only', 'expose-fd'], 0),
  ...quiet('Setting of Unix sockets.', ['level', 'mode', 'uid', 'gid', 'user', 'group']),
  ...quiet('Namespaces have no equivalent; run Poolgate in that namespace.', ['namespace']),
  ...quiet(OF_TLS, [
    'crt',
    'crt-list',
    'ca-file',
    'ca-verify-file',
    'ca-ignore-err',
    'crt-ignore-err',
    'crl-file',
    'ciphers',
    'ciphersuites',
    'curves',
    'ecdhe',
    'alpn',
    'npn',
    'verify',
    'ssl-min-ver',
    'ssl-max-ver',
    'ca-sign-file',
    'ca-sign-pass',
    'tls-ticket-keys',
    'sigalgs',
    'client-sigalgs',
    'proto',
    'ocsp-update',
    'severity-output',
  ]),
  ...quiet(
    OF_TLS,
    [
      'no-sslv3',
      'no-tlsv10',
      'no-tlsv11',
      'no-tlsv12',
      'no-tlsv13',
      'no-tls-tickets',
      'strict-sni',
      'generate-certificates',
      'prefer-client-ciphers',
      'allow-0rtt',
      'force-sslv3',
      'force-tlsv10',
      'force-tlsv11',
      'force-tlsv12',
      'force-tlsv13',
      'no-ca-names',
      'no-strict-sni',
      'no-alpn',
    ],
    0,
  ),
};

function quiet(becomes: string, words: readonly string[], args = 1): Record<string, BindWord> {
  return Object.fromEntries(words.map((word) => [word, { args, fate: 'unneeded', becomes }]));
}

export const readBind: NonNullable<Table[string]['read']> = (proxy, [addresses = '', ...words], context) => {
  if (addresses === '') {
    tell(context, 'missing', 'There is no address behind it.');
    return;
  }
  const breaks = readWords(words, context);
  if (breaks) tell(context, 'missing', `${breaks.becomes} This address is left out.`, breaks.hint);
  else {
    addAddresses(proxy, addresses, context);
    const name = words[words.indexOf('name') + 1];
    if (words.includes('name') && name !== undefined) proxy.bindNames.set(context.place.line, name);
  }
};

/** @returns why the address cannot be served as HAProxy did; null: it can */
function readWords(words: readonly string[], context: Context): BindWord | null {
  let breaks: BindWord | null = null;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    const row = Object.hasOwn(BIND_WORDS, word) ? BIND_WORDS[word] : undefined;
    const value = row && row.args > 0 ? ` ${words[at + 1] ?? ''}` : '';
    at += row?.args ?? 0;
    if (!row) {
      const hint = context.report.meant(word, Object.keys(BIND_WORDS));
      tell(context, 'missing', `\`${word}\`: an unknown word of \`bind\`.`, hint);
    } else if (row.fate === 'breaks') breaks ??= row;
    else tell(context, row.fate, `\`${word}${value}\`: ${row.becomes}`);
  }
  return breaks;
}

/** As many as a virtual service takes; what is beyond is told. */
const MOST = 1024;

/** @param addresses of `bind`: parted by commas */
export function addAddresses(proxy: Proxy, addresses: string, context: Context): void {
  const { text, unset } = expand(addresses, context.variables);
  for (const name of unset) tellUnset(name, context.place, context.report);
  const added: string[] = [];
  const parts = text.split(',');
  if (parts.length > MOST)
    tell(context, 'missing', `Only the first ${MOST} of these ${parts.length} addresses are taken.`);
  for (const part of parts.slice(0, MOST)) {
    const ports = addAddress(proxy, part.trim(), context);
    if (ports !== null) added.push(ports);
  }
  if (added.length > 0) tell(context, 'translated', `Ports ${added.join(', ')} of the virtual service.`);
}

function addAddress(proxy: Proxy, text: string, context: Context): string | null {
  const { line } = context.place;
  const endpoint = parseEndpoint(text);
  if (endpoint.kind === 'other') {
    tell(
      context,
      'missing',
      `\`${text}\` is ${endpoint.what}; a virtual service has an IP address. Left out.`,
    );
    return null;
  }
  if (endpoint.kind === 'bad' || endpoint.ports.kind !== 'range') {
    const problem = endpoint.kind === 'bad' ? endpoint.problem : 'has no port';
    tell(
      context,
      'missing',
      `\`${text.slice(0, 80)}\` ${problem}. Left out.`,
      'Write the address and the port, such as 10.0.0.40:5061.',
    );
    return null;
  }
  const vip = vipOf(endpoint.host, context);
  if (vip === undefined) return null;
  const { first, last } = endpoint.ports;
  proxy.ports.push({ vip, protocol: 'tcp', first, last, line });
  return first === last ? `${first}` : `${first}-${last}`;
}

/** Null: the administrator has to say; undefined: it is none. */
function vipOf(host: string, context: Context): string | null | undefined {
  if (isAny(host)) {
    if (context.vip !== null) return context.vip;
    tell(
      context,
      'fill-in',
      'HAProxy listens on every address of its machine there; a virtual service has the one that clients use.',
      'Import with `--vip ADDRESS`, or write it for `vip`.',
    );
    return null;
  }
  const parsed = parseAddress(host);
  if (parsed.ok) return parsed.address;
  const name = /^[A-Za-z]/.test(host);
  if (!name) {
    tell(context, 'missing', `\`${host.slice(0, 80)}\` ${parsed.problem}. Left out.`, parsed.hint);
    return undefined;
  }
  if (context.vip !== null) return context.vip;
  tell(
    context,
    'fill-in',
    `\`${host.slice(0, 80)}\` is a name; a virtual service has an address.`,
    'Import with `--vip ADDRESS`, or write it for `vip`.',
  );
  return null;
}
