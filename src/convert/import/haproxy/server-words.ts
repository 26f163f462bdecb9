/** The words behind the address of a `server`, and of `default-server`. */
import type { ServerWishes } from './proxy.ts';
import { parseCount, parseTime } from './values.ts';

export interface ServerWord {
  /** How many words follow it. */
  readonly args: number;
  readonly fate: 'translated' | 'changed' | 'missing' | 'unneeded';
  /** Key of the config, or what a person should know. */
  readonly becomes: string;
  /** Null: the value is none. */
  readonly read?: (value: string) => ServerWishes | null;
}

function flag(becomes: string, wishes: ServerWishes): ServerWord {
  return { args: 0, fate: 'translated', becomes, read: () => wishes };
}

function number(
  becomes: string,
  key: 'rise' | 'fall' | 'weight' | 'maxConnections',
  most: number,
): ServerWord {
  return { args: 1, fate: 'translated', becomes, read: (text) => wish(key, parseCount(text, most)) };
}

function wish(key: keyof ServerWishes, value: number | null): ServerWishes | null {
  return value === null ? null : { [key]: value };
}

const PLAIN = 'Servers get the bytes as clients send them.';
const TLS_THERE = 'Setting of the TLS that HAProxy speaks to servers.';
const PASSIVE = 'Servers are judged by their health checks alone, not by their connections.';
const AGENT = 'Agents in servers have no equivalent.';
const LOOKUP = 'Names are not looked up here.';
const HTTP = 'Of HTTP only.';

export const SERVER_WORDS: Readonly<Record<string, ServerWord>> = {
  check: flag('`healthChecks`', { check: true }),
  'no-check': flag('no health check', { check: false }),
  port: { args: 1, fate: 'translated', becomes: '`port` of the health check', read: readCheckPort },
  inter: {
    args: 1,
    fate: 'translated',
    becomes: '`interval`',
    read: (text) => wish('interval', parseTime(text)),
  },
  rise: number('`rise`', 'rise', 100),
  fall: number('`fall`', 'fall', 100),
  weight: number('`weight`; 0 is drain', 'weight', 65_535),
  maxconn: number('`maxConnections`', 'maxConnections', 10_000_000),
  backup: flag('`fallback`', { backup: true }),
  'no-backup': flag('a real server', { backup: false }),
  disabled: flag('`admin: maint`', { disabled: true }),
  enabled: flag('`admin: ready`', { disabled: false }),
  'check-ssl': flag('a health check of type `tls` or `https`', { checkTls: true }),
  'no-check-ssl': flag('a health check without TLS', { checkTls: false }),
  'check-sni': { args: 1, fate: 'translated', becomes: '`serverName`', read: (checkName) => ({ checkName }) },
  verify: {
    args: 1,
    fate: 'translated',
    becomes: '`verify` of health checks over TLS',
    read: (text) => ({ verify: text === 'required' }),
  },
  'ca-file': {
    args: 1,
    fate: 'translated',
    becomes: '`caFile` of health checks over TLS',
    read: (text) => ({ caFile: text.startsWith('/') ? text : undefined }),
  },
  track: {
    args: 1,
    fate: 'translated',
    becomes: 'the health checks of the section that it names',
    read: (track) => ({ track }),
  },
  'on-marked-down': {
    args: 1,
    fate: 'translated',
    becomes: '`onDown: reset`',
    read: (what) => ({ resets: what === 'shutdown-sessions' }),
  },
  ssl: flag('nothing: TLS to servers has no equivalent', { tls: true }),
  'no-ssl': flag(PLAIN, { tls: false }),
  'send-proxy': flag('nothing: the PROXY protocol has no equivalent', { wrapped: 'send-proxy' }),
  'send-proxy-v2': flag('nothing: the PROXY protocol has no equivalent', { wrapped: 'send-proxy-v2' }),
  'send-proxy-v2-ssl': flag('nothing: the PROXY protocol has no equivalent', {
    wrapped: 'send-proxy-v2-ssl',
  }),
  'send-proxy-v2-ssl-cn': flag('nothing: the PROXY protocol has no equivalent', {
    wrapped: 'send-proxy-v2-ssl-cn',
  }),
  'no-send-proxy': flag(PLAIN, { wrapped: undefined }),
  'no-send-proxy-v2': flag(PLAIN, { wrapped: undefined }),
  fastinter: {
    args: 1,
    fate: 'changed',
    becomes: 'One interval holds in every state; `interval` is that of `inter`.',
  },
  downinter: {
    args: 1,
    fate: 'changed',
    becomes: 'One interval holds in every state; `interval` is that of `inter`.',
  },
  addr: { args: 1, fate: 'changed', becomes: 'Health checks ask the server itself, not another address.' },
  slowstart: { args: 1, fate: 'changed', becomes: 'A server that comes back gets its full share at once.' },
  minconn: { args: 1, fate: 'changed', becomes: 'Limits are fixed; that of `maxconn` holds.' },
  maxqueue: { args: 1, fate: 'changed', becomes: 'Connections do not queue here.' },
  redir: { args: 1, fate: 'unneeded', becomes: HTTP },
  cookie: { args: 1, fate: 'unneeded', becomes: `${HTTP} In TCP mode HAProxy does not use it either.` },
  observe: { args: 1, fate: 'changed', becomes: PASSIVE },
  'error-limit': { args: 1, fate: 'changed', becomes: PASSIVE },
  'on-error': { args: 1, fate: 'changed', becomes: PASSIVE },
  'on-marked-up': {
    args: 1,
    fate: 'changed',
    becomes: 'Connections of the fallback stay there until they end.',
  },
  'external-check-command': {
    args: 1,
    fate: 'missing',
    becomes: 'Programs as health checks have no equivalent.',
  },
  socks4: { args: 1, fate: 'missing', becomes: 'Proxies on the way to servers have no equivalent.' },
  'check-via-socks4': {
    args: 0,
    fate: 'missing',
    becomes: 'Proxies on the way to servers have no equivalent.',
  },
  'check-send-proxy': { args: 0, fate: 'changed', becomes: 'Health checks send no PROXY protocol.' },
  ...several('changed', AGENT, ['agent-inter', 'agent-addr', 'agent-port', 'agent-send']),
  ...several('missing', AGENT, ['agent-check'], 0),
  ...several('unneeded', AGENT, ['no-agent-check'], 0),
  ...several('unneeded', LOOKUP, ['resolvers', 'resolve-prefer', 'resolve-net', 'resolve-opts', 'init-addr']),
  ...several('unneeded', TLS_THERE, [
    'crl-file',
    'crt',
    'ciphers',
    'ciphersuites',
    'curves',
    'sni',
    'alpn',
    'npn',
    'verifyhost',
    'ssl-min-ver',
    'ssl-max-ver',
    'check-alpn',
    'sigalgs',
    'client-sigalgs',
    'ssl-f-use',
  ]),
  ...several(
    'unneeded',
    TLS_THERE,
    [
      'force-sslv3',
      'force-tlsv10',
      'force-tlsv11',
      'force-tlsv12',
      'force-tlsv13',
      'no-sslv3',
      'no-tlsv10',
      'no-tlsv11',
      'no-tlsv12',
      'no-tlsv13',
      'no-ssl-reuse',
      'ssl-reuse',
      'no-tls-tickets',
      'tls-tickets',
      'allow-0rtt',
      'no-verifyhost',
      'renegotiate',
      'no-renegotiate',
    ],
    0,
  ),
  ...several('unneeded', 'Setting of how HAProxy keeps connections.', [
    'pool-max-conn',
    'pool-purge-delay',
    'pool-low-conn',
    'pool-conn-name',
    'max-reuse',
    'proto',
    'check-proto',
    'check-pool-conn-name',
    'ws',
    'proxy-v2-options',
    'set-proxy-v2-tlv-fmt',
    'tcp-ut',
    'tcp-md5sig',
    'cc',
    'tfo',
    'idle-ping',
    'id',
    'log-proto',
    'log-bufsize',
    'shard',
    'hash-key',
    'namespace',
    'guid',
    'init-state',
  ]),
  ...several(
    'unneeded',
    'Setting of how HAProxy keeps connections.',
    ['non-stick', 'check-reuse-pool', 'no-check-reuse-pool'],
    0,
  ),
};

function several(
  fate: ServerWord['fate'],
  becomes: string,
  words: readonly string[],
  args = 1,
): Record<string, ServerWord> {
  return Object.fromEntries(words.map((word) => [word, { args, fate, becomes }]));
}

function readCheckPort(text: string): ServerWishes | null {
  const port = parseCount(text, 65_535);
  return port === null || port === 0 ? null : { checkPort: port };
}
