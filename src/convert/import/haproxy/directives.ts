/** The directives of `listen`, `frontend`, `backend` and `defaults`, and what becomes of each. */
import { editDistance } from '../../../lib/nearest.ts';
import { readBalance, readHashType } from './balance.ts';
import { readBind } from './bind.ts';
import { readHttpCheckLine, readTcpCheck } from './checks.ts';
import { OPTIONS } from './options.ts';
import { type Context, type Proxy, type Reader, type Table, tell } from './proxy.ts';
import { readDefaultBackend, readTcpRequest, readUseBackend } from './rules.ts';
import type { Directive } from './sections.ts';
import { readDefaultServer, readServer, readTemplate } from './server.ts';
import { readSourceDirective } from './source.ts';
import { readStick, readTable } from './stick.ts';
import { OLD_TIMEOUTS, readOldTimeout, TIMEOUTS } from './timeouts.ts';
import { parseCount } from './values.ts';

const HTTP = 'Of HTTP only.';
const LOGS = 'Poolgate logs and counts connections itself.';
const STATS = "HAProxy's own page; see `poolgate status`, `top` and the admin API.";

const readMaxconn: Reader = (proxy, [text], context) => {
  const count = parseCount(text, 10_000_000);
  if (count === null)
    return tell(context, 'missing', `\`${text ?? ''}\` is no number of connections up to 10000000.`);
  // 0 is "as many as the process takes".
  proxy.maxConnections =
    count === 0 || proxy.word === 'backend' ? null : { value: count, line: context.place.line };
  if (count === 0 || proxy.word === 'backend') return undefined;
  return tell(
    context,
    'changed',
    `\`maxConnections: ${count}\`. Beyond it HAProxy lets clients wait to be accepted; here they are reset.`,
  );
};

const RETRIES = 'A connect that fails is tried once on another server.';
const readRetries: Reader = (_proxy, [text], context) =>
  tell(context, text === '0' || text === '1' ? 'translated' : 'changed', RETRIES);

const readOption: Reader = (proxy, [name = '', ...args], context) =>
  readFrom(OPTIONS, 'option', name, proxy, args, context);
const readTimeout: Reader = (proxy, [name = '', ...args], context) =>
  readFrom(TIMEOUTS, 'timeout', name, proxy, args, context);

function readFrom(
  table: Table,
  of: string,
  name: string,
  proxy: Proxy,
  args: readonly string[],
  context: Context,
): void {
  const row = Object.hasOwn(table, name) ? table[name] : undefined;
  if (!row)
    return tell(
      context,
      'missing',
      `HAProxy knows no \`${of} ${name.slice(0, 40)}\`.`,
      context.report.meant(name, Object.keys(table), `${of} `),
    );
  if (row.read && (!context.negated || name === 'redispatch' || name === 'persist'))
    return row.read(proxy, args, context);
  if (context.negated) return tell(context, 'unneeded', 'Switched off there, and not here either.');
  return tell(context, row.kind, row.becomes);
}

const redispatch: Reader = (proxy, args, context) => readOption(proxy, ['redispatch', ...args], context);

export const DIRECTIVES: Table = {
  bind: { kind: 'translated', becomes: '`vip` and `ports`', read: readBind },
  server: { kind: 'translated', becomes: '`realServers`, `healthChecks`, `fallback`', read: readServer },
  'default-server': {
    kind: 'translated',
    becomes: 'values of the servers after it',
    read: readDefaultServer,
  },
  'server-template': {
    kind: 'missing',
    becomes: 'one server; the others are written by hand',
    read: readTemplate,
  },
  balance: { kind: 'translated', becomes: '`scheduler`', read: readBalance },
  'hash-type': { kind: 'translated', becomes: '`scheduler: sh` or `mh`', read: readHashType },
  maxconn: { kind: 'changed', becomes: '`maxConnections`', read: readMaxconn },
  option: { kind: 'translated', becomes: 'see options', read: readOption },
  timeout: { kind: 'translated', becomes: 'see timeouts', read: readTimeout },
  'stick-table': { kind: 'translated', becomes: '`persistence.timeout` and `maxEntries`', read: readTable },
  stick: { kind: 'changed', becomes: '`persistence: { type: source-ip }`', read: readStick },
  source: { kind: 'translated', becomes: '`snatPool` and `snatPorts`', read: readSourceDirective },
  default_backend: { kind: 'translated', becomes: '`pool`', read: readDefaultBackend },
  use_backend: { kind: 'missing', becomes: 'reported; the default backend serves', read: readUseBackend },
  'tcp-request': {
    kind: 'missing',
    becomes:
      '`limits` and `maxConnections` where it is such a limit (`sc0_conn_cur`, `sc0_conn_rate`, `fe_conn`); else nothing',
    read: readTcpRequest,
  },
  'tcp-response': { kind: 'changed', becomes: 'What servers answer is not looked at.' },
  'http-check': { kind: 'translated', becomes: 'keys of the `http` check', read: readHttpCheckLine },
  'tcp-check': {
    kind: 'translated',
    becomes:
      'a check for each `connect`: `tcp`, `tls`, and where it sends such a request `http`, `https`, `sip`',
    read: readTcpCheck,
  },
  mode: {
    kind: 'translated',
    becomes: '`tcp` is what virtual services do; sections of other modes are not translated.',
  },
  acl: { kind: 'unneeded', becomes: 'It only names a condition; what uses it is reported at its own line.' },
  redispatch: { kind: 'translated', becomes: '`defaults.redispatch`', read: redispatch },
  retries: { kind: 'changed', becomes: RETRIES, read: readRetries },
  'retry-on': { kind: 'unneeded', becomes: HTTP },
  fullconn: { kind: 'unneeded', becomes: 'Only limits that grow with load (`minconn`) use it.' },
  backlog: { kind: 'unneeded', becomes: 'The queue of the listeners is as long as the kernel allows.' },
  disabled: { kind: 'remark', becomes: 'the section is left out', read: (proxy) => void (proxy.off = true) },
  enabled: { kind: 'translated', becomes: 'the section is taken', read: (proxy) => void (proxy.off = false) },
  dispatch: { kind: 'missing', becomes: 'A single address without a server; write it as `server`.' },
  'use-server': {
    kind: 'missing',
    becomes: 'Which server is taken is decided by scheduler and persistence alone.',
  },
  'force-persist': { kind: 'missing', becomes: 'Clients are never sent to a server that is down.' },
  'ignore-persist': {
    kind: 'missing',
    becomes: 'Persistence on a condition has no equivalent; it holds for all clients.',
  },
  persist: {
    kind: 'missing',
    becomes: 'Cookies of RDP have no equivalent; persistence by source address comes nearest.',
  },
  'rate-limit': { kind: 'missing', becomes: 'A limit of new connections is per client here: `limits`.' },
  'hash-balance-factor': { kind: 'changed', becomes: 'A hash is not bounded by load.' },
  'hash-preserve-affinity': {
    kind: 'changed',
    becomes: 'A server that is full or down gives its clients to the next one.',
  },
  'external-check': { kind: 'missing', becomes: 'Programs as health checks have no equivalent.' },
  filter: { kind: 'missing', becomes: 'Filters have no equivalent.' },
  transparent: { kind: 'missing', becomes: 'The address a client dialled is not a server here.' },
  'email-alert': { kind: 'unneeded', becomes: LOGS },
  ...several('unneeded', LOGS, [
    'log',
    'log-format',
    'log-format-sd',
    'error-log-format',
    'log-tag',
    'log-steps',
    'unique-id-format',
    'unique-id-header',
    'capture',
    'declare',
  ]),
  ...several('unneeded', STATS, ['stats', 'monitor-uri', 'monitor-net', 'monitor']),
  ...several('unneeded', 'A name for people or programs of HAProxy.', [
    'description',
    'id',
    'guid',
    'load-server-state-from-file',
    'server-state-file-name',
    'grace',
    'bind-process',
    'clitcpka-cnt',
    'clitcpka-idle',
    'clitcpka-intvl',
    'srvtcpka-cnt',
    'srvtcpka-idle',
    'srvtcpka-intvl',
    'max-session-srv-conns',
    'dynamic-cookie-key',
    'quic-initial',
    'tcp-session',
  ]),
  ...several('unneeded', HTTP, [
    'cookie',
    'appsession',
    'compression',
    'http-request',
    'http-response',
    'http-after-response',
    'http-reuse',
    'http-send-name-header',
    'http-error',
    'errorfile',
    'errorfiles',
    'errorloc',
    'errorloc302',
    'errorloc303',
    'redirect',
    'redir',
    'max-keep-alive-queue',
    'use-fcgi-app',
    'block',
    'reqadd',
    'reqallow',
    'reqdel',
    'reqdeny',
    'reqiallow',
    'reqidel',
    'reqideny',
    'reqipass',
    'reqirep',
    'reqitarpit',
    'reqpass',
    'reqrep',
    'reqtarpit',
    'reqsetbe',
    'rspadd',
    'rspdel',
    'rspdeny',
    'rspidel',
    'rspideny',
    'rspirep',
    'rsprep',
    'srvexp',
    'cliexp',
    'httpclose',
    'forwardfor',
  ]),
  ...Object.fromEntries(
    Object.entries(OLD_TIMEOUTS).map(([old, name]) => [
      old,
      {
        kind: 'translated',
        becomes: `as \`timeout ${name}\`; HAProxy refuses it since 2.1`,
        read: readOldTimeout(name),
      },
    ]),
  ),
};

function several(kind: Table[string]['kind'], becomes: string, words: readonly string[]): Table {
  return Object.fromEntries(words.map((word) => [word, { kind, becomes }]));
}

const WORDS = Object.keys(DIRECTIVES);

export function readDirective(proxy: Proxy, directive: Directive, context: Omit<Context, 'negated'>): void {
  const { words } = directive;
  const negated = words[0] === 'no' && words.length > 1;
  const [word = '', ...args] = negated ? words.slice(1) : words;
  const row = Object.hasOwn(DIRECTIVES, word) ? DIRECTIVES[word] : undefined;
  const full = { ...context, negated };
  if (row) return row.read ? row.read(proxy, args, full) : tell(full, row.kind, row.becomes);
  const meant = context.report.nearest(word, WORDS);
  const near = meant === null ? undefined : DIRECTIVES[meant];
  if (meant === null || !near) {
    return tell(
      full,
      'missing',
      `HAProxy knows no \`${word.slice(0, 40)}\`; what this line is to do is not translated.`,
    );
  }
  if (!near.read || !isTypo(word, meant)) {
    const message = `HAProxy knows no \`${word.slice(0, 40)}\`; what this line is to do is not translated.`;
    return tell(full, 'missing', message, `Did you mean \`${meant}\`?`);
  }
  const message = `HAProxy knows no \`${word.slice(0, 40)}\` and refuses this line. Taken as \`${meant}\`, so that what it says is not lost.`;
  tell(full, 'changed', message);
  return near.read(proxy, args, full);
}

/** One typing error: HAProxy refuses the line, but what it says would be lost. */
function isTypo(word: string, meant: string): boolean {
  return word.length >= 3 && editDistance(word.toLowerCase(), meant) <= 1;
}
