/** What stands behind `option`. */
import { readHttpCheck, readProtocolCheck, readTcpCheckOption, readTlsCheck } from './checks.ts';
import { type Reader, type Table, tell } from './proxy.ts';

const HTTP = 'Of HTTP only.';
const LOGS = 'Poolgate logs and counts connections itself.';
const SOCKETS = 'Setting of how HAProxy uses sockets.';

const readRedispatch: Reader = (proxy, _args, context) => {
  proxy.redispatch = { value: !context.negated, line: context.place.line };
  if (context.negated)
    tell(context, 'translated', '`defaults.redispatch: false`, where no other section says otherwise.');
  else
    tell(
      context,
      'translated',
      'A connect that fails is tried once on another server, as `defaults.redispatch` says anyway.',
    );
};

const readPersist: Reader = (_proxy, _args, context) => {
  if (context.negated) return tell(context, 'unneeded', 'It is off here too.');
  return tell(
    context,
    'changed',
    'Left out. With it HAProxy sends a client of its table to a server that is known to be down, and the client waits; here a ' +
      'client of a lost server gets another at once.',
    '',
    'R13',
  );
};

function protocol(what: string): Table[string] {
  return { kind: 'changed', becomes: 'a `tcp` check', read: readProtocolCheck(what) };
}

export const OPTIONS: Table = {
  redispatch: { kind: 'translated', becomes: '`defaults.redispatch`', read: readRedispatch },
  persist: { kind: 'changed', becomes: 'left out: clients would be sent to dead servers', read: readPersist },
  'tcp-check': { kind: 'translated', becomes: '`tcp` and `tls` checks', read: readTcpCheckOption },
  httpchk: { kind: 'translated', becomes: 'an `http` or `https` check', read: readHttpCheck },
  'ssl-hello-chk': { kind: 'changed', becomes: 'a `tls` check', read: readTlsCheck },
  'mysql-check': protocol('MySQL'),
  'pgsql-check': protocol('PostgreSQL'),
  'redis-check': protocol('Redis'),
  'ldap-check': protocol('LDAP'),
  'spop-check': protocol('SPOP'),
  smtpchk: protocol('SMTP'),
  'external-check': { kind: 'missing', becomes: 'Programs as health checks have no equivalent.' },
  allbackups: { kind: 'changed', becomes: 'A pool has one fallback.' },
  abortonclose: {
    kind: 'unneeded',
    becomes: 'Connections do not queue here, so none is given up in a queue.',
  },
  'log-health-checks': { kind: 'unneeded', becomes: LOGS },
  tcplog: { kind: 'unneeded', becomes: LOGS },
  httplog: { kind: 'unneeded', becomes: LOGS },
  httpslog: { kind: 'unneeded', becomes: LOGS },
  dontlognull: { kind: 'unneeded', becomes: LOGS },
  'dontlog-normal': { kind: 'unneeded', becomes: LOGS },
  logasap: { kind: 'unneeded', becomes: LOGS },
  'log-separate-errors': { kind: 'unneeded', becomes: LOGS },
  'socket-stats': { kind: 'unneeded', becomes: LOGS },
  contstats: { kind: 'unneeded', becomes: LOGS },
  tcpka: {
    kind: 'changed',
    becomes: 'Poolgate sends no TCP keep-alives; they would not count as traffic either.',
  },
  clitcpka: {
    kind: 'changed',
    becomes: 'Poolgate sends no TCP keep-alives; they would not count as traffic either.',
  },
  srvtcpka: {
    kind: 'changed',
    becomes: 'Poolgate sends no TCP keep-alives; they would not count as traffic either.',
  },
  nolinger: { kind: 'unneeded', becomes: SOCKETS },
  'tcp-smart-accept': { kind: 'unneeded', becomes: SOCKETS },
  'tcp-smart-connect': { kind: 'unneeded', becomes: SOCKETS },
  'splice-auto': { kind: 'unneeded', becomes: SOCKETS },
  'splice-request': { kind: 'unneeded', becomes: SOCKETS },
  'splice-response': { kind: 'unneeded', becomes: SOCKETS },
  independant_streams: { kind: 'unneeded', becomes: SOCKETS },
  'independent-streams': { kind: 'changed', becomes: 'Bytes either way keep a connection alive.' },
  'idle-close-on-response': { kind: 'unneeded', becomes: HTTP },
  transparent: {
    kind: 'missing',
    becomes: 'Servers are those of the pool; the address a client dialled is not a server here.',
  },
  http_proxy: { kind: 'missing', becomes: 'A proxy for HTTP requests has no equivalent.' },
  originalto: { kind: 'unneeded', becomes: HTTP },
  forwardfor: { kind: 'unneeded', becomes: `${HTTP} In TCP mode HAProxy adds no header either.` },
  forwarded: { kind: 'unneeded', becomes: HTTP },
  ...http([
    'http-server-close',
    'httpclose',
    'forceclose',
    'http-keep-alive',
    'http-tunnel',
    'http-pretend-keepalive',
    'http-no-delay',
    'http-ignore-probes',
    'http-use-proxy-header',
    'http-use-htx',
    'http-buffer-request',
    'http-restrict-req-hdr-names',
    'http-drop-request-trailers',
    'http-drop-response-trailers',
    'accept-invalid-http-request',
    'accept-invalid-http-response',
    'accept-unsafe-violations-in-http-request',
    'accept-unsafe-violations-in-http-response',
    'checkcache',
    'prefer-last-server',
    'h1-case-adjust-bogus-client',
    'h1-case-adjust-bogus-server',
    'disable-h2-upgrade',
    'tcpsplice',
  ]),
};

function http(words: readonly string[]): Table {
  return Object.fromEntries(words.map((word) => [word, { kind: 'unneeded', becomes: HTTP }]));
}
