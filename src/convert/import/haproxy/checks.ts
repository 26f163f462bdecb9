/** How HAProxy asks servers: `option httpchk` and its kin, `http-check`, `tcp-check`. */
import { type Checking, type Context, type Proxy, type Reader, type Table, tell } from './proxy.ts';
import { hostOf, isName, NO_TALK, readAnswer, readTalk, statusCodes } from './talk.ts';
import { parseCount } from './values.ts';

export const readHttpCheck: Reader = (proxy, args, context) => {
  const { checking } = proxy;
  const [method, path] = args.length === 1 ? ['OPTIONS', args[0]] : args;
  checking.how = 'http';
  checking.line = context.place.line;
  if (method !== undefined) checking.method = { value: method, line: context.place.line };
  setPath(checking, path ?? '/', context);
  // The version was the way to send a Host header before 2.2: `HTTP/1.1\r\nHost:\ www`.
  checking.host = hostOf(args.slice(2).join(' ')) ?? checking.host;
  tell(context, 'translated', 'A health check of type `http` or `https`.');
};

function setPath(checking: { path: string }, path: string, context: Context): void {
  if (/^\/[\x21-\x7e]{0,1023}$/.test(path)) checking.path = path;
  else
    tell(context, 'missing', `\`${path.slice(0, 80)}\` is no path that can be asked for; \`/\` is written.`);
}

/** `option X` that choose a check by protocol. */
export function readProtocolCheck(what: string): Reader {
  return (proxy, _args, context) => {
    proxy.checking.how = 'tcp';
    tell(
      context,
      'changed',
      `Whether a server speaks ${what} is not asked here: a \`tcp\` check sees whether it accepts connections.`,
    );
  };
}

export const readTlsCheck: Reader = (proxy, _args, context) => {
  proxy.checking.how = 'tls';
  tell(context, 'changed', 'A health check of type `tls`: a whole handshake, not only its first message.');
};

export const readTcpCheckOption: Reader = (proxy, _args, context) => {
  proxy.checking.how = 'tcp';
  tell(context, 'translated', 'Health checks of type `tcp`.');
};

export const readTcpCheck: Reader = (proxy, [verb = '', ...args], context) => {
  if (verb === 'connect') return readConnect(proxy, args, context);
  if (verb === 'comment') return tell(context, 'unneeded', 'A comment.');
  const step = proxy.checking.steps.at(-1);
  if (step && verb.startsWith('send')) return readTalk(step, args, context);
  if (step && verb === 'expect') return readAnswer(step, args, context);
  if (/^(?:send|expect|set-var|unset-var)/.test(verb)) return tell(context, 'changed', NO_TALK);
  return tell(context, 'missing', `HAProxy knows no \`tcp-check ${verb.slice(0, 40)}\`.`);
};

const MOST_STEPS = 32;

function readConnect(proxy: Proxy, args: readonly string[], context: Context): void {
  const at = args.indexOf('port');
  const port = at < 0 ? null : parseCount(args[at + 1], 65_535);
  if (proxy.checking.steps.length >= MOST_STEPS) {
    tell(context, 'missing', `A pool has at most ${MOST_STEPS} health checks.`);
    return;
  }
  const tls = args.includes('ssl');
  const name = args[args.indexOf('sni') + 1 || args.length];
  const serverName = tls && name !== undefined && isName(name) ? name : undefined;
  const { line } = context.place;
  proxy.checking.steps.push({ port: port === 0 ? null : port, tls, serverName, line, talk: null });
  tell(
    context,
    'translated',
    `A health check of type \`${tls ? 'tls' : 'tcp'}\`; a server is up when all of them are.`,
  );
}

/** What stands behind `http-check`. */
export const HTTP_CHECK: Table = {
  expect: { kind: 'translated', becomes: '`expectStatus` or `expectBody`', read: readExpect },
  send: { kind: 'translated', becomes: '`path` and `host`', read: readSend },
  connect: {
    kind: 'translated',
    becomes: '`port` of the health check',
    read: (p, args, c) => readConnect(p, args, c),
  },
  'disable-on-404': {
    kind: 'changed',
    becomes: 'An answer of 404 is a failed check, not a drain; use `poolgate drain`.',
  },
  'send-state': { kind: 'unneeded', becomes: 'Servers are not told their state.' },
  comment: { kind: 'unneeded', becomes: 'A comment.' },
  'set-var': { kind: 'unneeded', becomes: 'Variables of rules.' },
  'unset-var': { kind: 'unneeded', becomes: 'Variables of rules.' },
  'set-var-fmt': { kind: 'unneeded', becomes: 'Variables of rules.' },
};

/** What is said of HTTP is of the last connection that was opened; before any, of all. */
function wishesOf(checking: Checking): Pick<Checking, 'path' | 'host' | 'expectStatus' | 'expectBody'> {
  const step = checking.steps.at(-1);
  if (!step) return checking;
  const { path, host, expectStatus, expectBody } = checking;
  step.talk ??= { protocol: 'http', path, host, expectStatus, expectBody };
  return step.talk;
}

function readExpect(proxy: Proxy, given: readonly string[], context: Context): void {
  const args = given.filter(
    (word) =>
      !/^(?:min-recv|comment|ok-status|error-status|tout-status|on-success|on-error|status-code)$/.test(word),
  );
  const [word, value = ''] = args;
  const checking = wishesOf(proxy.checking);
  if (word === 'status') {
    const codes = statusCodes(value);
    if (!codes)
      return tell(
        context,
        'missing',
        `The status codes \`${value.slice(0, 40)}\` are too many; 200 to 399 are good.`,
      );
    checking.expectStatus = codes.length === 0 ? undefined : codes;
    return tell(
      context,
      'translated',
      codes.length === 0 ? 'The status codes that are good anyway.' : '`expectStatus`.',
    );
  }
  if (word === 'string' && value.length >= 1 && value.length <= 1024 && /^\P{Cc}*$/u.test(value)) {
    checking.expectBody = value;
    return tell(context, 'translated', '`expectBody`.');
  }
  return tell(
    context,
    'changed',
    `Answers are judged by status codes and a text; \`${(word ?? '').slice(0, 20)}\` has no equivalent.`,
  );
}

function readSend(proxy: Proxy, args: readonly string[], context: Context): void {
  const after = (word: string): string | undefined => args[args.indexOf(word) + 1 || args.length];
  const [method, path] = [after('meth'), after('uri') ?? after('uri-lf')];
  const checking = wishesOf(proxy.checking);
  if (path !== undefined) setPath(checking, path, context);
  for (const [at, word] of args.entries()) {
    const host = args[at + 2] ?? '';
    if (word === 'hdr' && /^host$/i.test(args[at + 1] ?? '') && /^[\w.-]{1,253}$/.test(host))
      checking.host = host;
  }
  if (method !== undefined) proxy.checking.method = { value: method, line: context.place.line };
  tell(context, 'translated', '`path` and `host` of the health check.');
}

export const readHttpCheckLine: Reader = (proxy, [verb = '', ...args], context) => {
  const row = Object.hasOwn(HTTP_CHECK, verb) ? HTTP_CHECK[verb] : undefined;
  if (!row) tell(context, 'missing', `HAProxy knows no \`http-check ${verb.slice(0, 40)}\`.`);
  else if (row.read) row.read(proxy, args, context);
  else tell(context, row.kind, row.becomes);
};
