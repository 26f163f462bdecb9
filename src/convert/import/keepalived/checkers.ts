/** The checkers of a real server. */
import type { DraftCheck } from '../draft.ts';
import type { Statement } from './blocks.ts';
import { PACE } from './pace.ts';
import {
  type Context,
  count,
  type Pace,
  type RealServer,
  type Row,
  tell,
  type VirtualServer,
} from './virtual-server.ts';

interface Checker {
  readonly pace: Pace;
  port: number | undefined;
  path: string;
  host: string | undefined;
  expectStatus: number[] | undefined;
  sni: boolean;
  urls: number;
}

/** What each checker becomes; null: no health check. */
export const CHECKERS: Readonly<
  Record<string, { readonly type: DraftCheck['type'] | null; readonly note: string }>
> = {
  TCP_CHECK: { type: 'tcp', note: '' },
  HTTP_GET: { type: 'http', note: '' },
  SSL_GET: { type: 'https', note: '' },
  SMTP_CHECK: {
    type: 'tcp',
    note: 'Whether it speaks SMTP is not asked: a `tcp` check sees whether it accepts connections.',
  },
  MISC_CHECK: { type: null, note: 'Programs as health checks have no equivalent.' },
  DNS_CHECK: { type: null, note: 'DNS is not asked; check a TCP port of the server.' },
  UDP_CHECK: {
    type: null,
    note: 'A UDP port that says nothing looks like one that is dead; `stun` is the check for STUN.',
  },
  PING_CHECK: { type: null, note: 'A machine that answers a ping may serve nobody; check a port.' },
  BFD_CHECK: { type: null, note: 'BFD has no equivalent.' },
  FILE_CHECK: {
    type: null,
    note: 'Files as health checks have no equivalent; see `poolgate drain` and `weight`.',
  },
};

export const CHECKER_WORDS: Readonly<Record<string, Row<Checker>>> = {
  ...PACE,
  connect_port: { kind: 'translated', becomes: '`port` of the health check', read: readPort },
  path: { kind: 'translated', becomes: '`path`', read: readPath },
  status_code: { kind: 'translated', becomes: '`expectStatus`', read: readStatus },
  virtualhost: { kind: 'translated', becomes: '`host`', read: readHost },
  enable_sni: { kind: 'translated', becomes: '`serverName`', read: (checker) => void (checker.sni = true) },
  connect_ip: { kind: 'changed', becomes: 'Health checks ask the server itself, not another address.' },
  digest: {
    kind: 'changed',
    becomes: 'What a page contains is judged by `expectBody`, a text; not by a digest.',
  },
  regex: {
    kind: 'changed',
    becomes: 'What a page contains is judged by `expectBody`, a text; not by a pattern.',
  },
  regex_no_match: { kind: 'changed', becomes: 'What a page contains is judged by `expectBody`, a text.' },
  regex_options: { kind: 'unneeded', becomes: 'Of the pattern.' },
  regex_stack: { kind: 'unneeded', becomes: 'Of the pattern.' },
  regex_min_offset: { kind: 'unneeded', becomes: 'Of the pattern.' },
  regex_max_offset: { kind: 'unneeded', becomes: 'Of the pattern.' },
  bindto: {
    kind: 'changed',
    becomes: "Health checks come from the address that this machine's routes choose.",
  },
  bind_if: { kind: 'changed', becomes: "Health checks take the way of this machine's routes." },
  bind_port: { kind: 'unneeded', becomes: 'The system chooses the port of a probe.' },
  fwmark: { kind: 'unneeded', becomes: 'Probes carry no mark.' },
  http_protocol: { kind: 'unneeded', becomes: 'Health checks speak HTTP/1.1.' },
  tls_compliant: { kind: 'unneeded', becomes: 'TLS is spoken as its standards say.' },
  fast_recovery: { kind: 'unneeded', becomes: 'Every check is asked in each interval.' },
  helo_name: { kind: 'unneeded', becomes: 'Of SMTP.' },
  host: { kind: 'unneeded', becomes: 'Of SMTP.' },
  misc_path: { kind: 'missing', becomes: 'Programs as health checks have no equivalent.' },
  misc_timeout: { kind: 'unneeded', becomes: 'Of the program.' },
  misc_dynamic: {
    kind: 'missing',
    becomes: 'Weights that a program decides have no equivalent; see `poolgate weight`.',
  },
  user: { kind: 'unneeded', becomes: 'Of the program.' },
};

function readPort(checker: Checker, [text]: readonly string[], context: Context): void {
  const port = count(text, 65_535);
  if (port === null || port === 0) return tell(context, 'missing', `\`${text ?? ''}\` is no port.`);
  checker.port = port;
  return tell(context, 'translated', '`port` of the health check.');
}

function readPath(checker: Checker, [text = '']: readonly string[], context: Context): void {
  if (!/^\/[\x21-\x7e]{0,1023}$/.test(text))
    return tell(context, 'missing', `\`${text}\` is no path that can be asked for.`);
  checker.path = text;
  return tell(context, 'translated', '`path` of the health check.');
}

function readStatus(checker: Checker, args: readonly string[], context: Context): void {
  const codes = args.flatMap((text) => rangeOf(text));
  if (codes.length === 0 || codes.length > 32 || codes.some((code) => code < 100 || code > 599))
    return tell(context, 'changed', 'These status codes are none, or too many; 200 to 399 are good.');
  checker.expectStatus = codes;
  return tell(context, 'translated', '`expectStatus` of the health check.');
}

function rangeOf(text: string): number[] {
  const [, from, to] = /^(\d{3})(?:-(\d{3}))?$/.exec(text) ?? [];
  const [first, last] = [Number(from ?? 0), Number(to ?? from ?? -1)];
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
}

function readHost(checker: Checker, [text = '']: readonly string[], context: Context): void {
  if (!/^[A-Za-z0-9][\w.-]{0,252}$/.test(text))
    return tell(context, 'changed', `\`${text}\` is no name for a Host header.`);
  checker.host = text;
  return tell(context, 'translated', '`host` of the health check.');
}

export function readChecker(
  server: RealServer,
  vs: VirtualServer,
  statement: Statement,
  context: Context,
): void {
  const [word = ''] = statement.words;
  const kind = CHECKERS[word];
  const checker: Checker = {
    pace: { ...vs.pace, ...server.pace },
    port: word === 'SMTP_CHECK' ? 25 : undefined,
    path: '/',
    host: undefined,
    expectStatus: undefined,
    sni: false,
    urls: 0,
  };
  readWords(checker, statement.block ?? [], context);
  if (!kind) return;
  if (kind.note !== '') tell(context, kind.type === null ? 'missing' : 'changed', kind.note);
  const port = checker.port ?? server.port ?? vs.ports[0]?.first;
  if (kind.type === null || port === undefined) return;
  tell(context, 'translated', `A health check of type \`${kind.type}\`, port ${port}.`);
  server.checks.push(checkOf(kind.type, port, checker, statement.line));
}

function checkOf(type: DraftCheck['type'], port: number, checker: Checker, line: number): DraftCheck {
  const { pace, path, host, expectStatus, sni } = checker;
  const http = type === 'http' || type === 'https';
  return {
    type,
    port,
    line,
    intervalMs: pace.intervalMs,
    // A probe that outlasts the interval would delay the next one.
    timeoutMs:
      pace.timeoutMs ??
      (pace.intervalMs !== undefined && pace.intervalMs < 3000 ? pace.intervalMs : undefined),
    rise: 1,
    fall: pace.retries === undefined ? undefined : pace.retries + 1,
    ...(http ? { path, host, expectStatus } : {}),
    ...(type === 'https' && sni && host !== undefined ? { serverName: host } : {}),
  };
}

const MOST_WORDS = 500;

function readWords(checker: Checker, block: readonly Statement[], context: Context): void {
  for (const { words, line, block: inner } of block.slice(0, MOST_WORDS)) {
    const [word = '', ...args] = words;
    const own = { ...context, place: { ...context.place, line, text: words.join(' ') } };
    if (word === 'url' || word === 'host') {
      if (word === 'url' && ++checker.urls > 1) {
        tell(own, 'changed', 'A port has one health check of a type: only the first URL is asked for.');
        continue;
      }
      if (inner) readWords(checker, inner, context);
      continue;
    }
    const row = Object.hasOwn(CHECKER_WORDS, word) ? CHECKER_WORDS[word] : undefined;
    if (!row) {
      const hint = context.report.meant(word, Object.keys(CHECKER_WORDS));
      tell(own, 'missing', `keepalived knows no \`${word.slice(0, 40)}\` here.`, hint);
    } else if (row.read) row.read(checker, args, own);
    else tell(own, row.kind, row.becomes);
  }
}
