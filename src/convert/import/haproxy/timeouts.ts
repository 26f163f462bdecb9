/** `timeout`, and its predecessors: which silence ends a connection in effect. */
import { formatDuration } from '../../../model/duration.ts';
import type { At } from '../draft.ts';
import type { Report } from '../report.ts';
import { type Proxy, type Reader, type Table, tell } from './proxy.ts';
import { parseTime } from './values.ts';

const WEEK_MS = 168 * 3_600_000;

function keep(name: string): Reader {
  return (proxy, [text], context) => {
    const ms = parseTime(text);
    if (ms === null)
      tell(context, 'missing', `\`${text ?? ''}\` is no time.`, 'Write a number and ms, s, m, h or d.');
    else {
      proxy.timeouts.set(name, { value: ms, line: context.place.line });
      tell(context, 'translated', TIMEOUTS[name]?.becomes ?? '');
    }
  };
}

const HTTP_ONLY = 'Of HTTP only.';

/** What stands behind `timeout`. */
export const TIMEOUTS: Table = {
  client: {
    kind: 'translated',
    becomes: '`timeouts.idle`, the shorter of it and `server`',
    read: keep('client'),
  },
  server: {
    kind: 'translated',
    becomes: '`timeouts.idle`, the shorter of it and `client`',
    read: keep('server'),
  },
  tunnel: {
    kind: 'translated',
    becomes: '`timeouts.idle`; it replaces those of client and server once bytes flow',
    read: keep('tunnel'),
  },
  connect: { kind: 'translated', becomes: '`timeouts.connect`', read: keep('connect') },
  check: { kind: 'translated', becomes: '`timeout` of the health checks', read: keep('check') },
  queue: {
    kind: 'changed',
    becomes: 'Connections do not queue here: at a limit the next server is taken, then the fallback.',
  },
  'client-fin': {
    kind: 'changed',
    becomes: 'A half-closed connection ends at `timeouts.idle`, as others do.',
  },
  'server-fin': {
    kind: 'changed',
    becomes: 'A half-closed connection ends at `timeouts.idle`, as others do.',
  },
  'http-request': { kind: 'unneeded', becomes: HTTP_ONLY },
  'http-keep-alive': { kind: 'unneeded', becomes: HTTP_ONLY },
  tarpit: { kind: 'unneeded', becomes: HTTP_ONLY },
  'client-hs': { kind: 'unneeded', becomes: 'Of TLS that ends at HAProxy.' },
};

/** Directives of files from before 1.4; HAProxy 2.1 refuses them. */
export const OLD_TIMEOUTS = { clitimeout: 'client', srvtimeout: 'server', contimeout: 'connect' } as const;

export function readOldTimeout(name: string): Reader {
  return (proxy, args, context) => {
    keep(name)(proxy, args, context);
    tell(
      context,
      'remark',
      `HAProxy refuses this word since 2.1; its successor is \`timeout ${name}\`. Taken as that.`,
    );
  };
}

/** @param front where clients connect, @param back whose servers answer; one and the same for `listen` */
export function effectiveIdle(front: Proxy, back: Proxy, report: Report): At<number> | null {
  const place = { line: back.line, section: front.label, text: front.label };
  const [client, server] = [front.timeouts.get('client'), back.timeouts.get('server')];
  const tunnel = back.timeouts.get('tunnel');
  const both = [client, server].filter((at) => at !== undefined);
  const shorter = both.toSorted((a, b) => endless(a.value) - endless(b.value))[0];
  const chosen = tunnel ?? shorter;
  if (!chosen) {
    report.add(
      'changed',
      { ...place, line: front.line },
      'No `timeout client` and `timeout server` (`clitimeout`, `srvtimeout` before 2.1): HAProxy waits for ever. Here connections ' +
        'end after 30 minutes without a byte.',
    );
    return null;
  }
  const at = { ...place, line: chosen.line };
  if (tunnel && shorter && endless(tunnel.value) < endless(shorter.value)) {
    const message = `\`timeout tunnel\` of ${formatDuration(tunnel.value)} is in effect, not the ${formatDuration(shorter.value)} of line ${shorter.line}: HAProxy applies it to TCP once bytes flow.`;
    report.add('remark', { ...at, text: 'timeout tunnel' }, message);
  }
  if (!tunnel && client && server && client.value !== server.value) {
    const message = `Client (${words(client.value)}) and server (${words(server.value)}) differ; here one idle time holds for both directions, the shorter.`;
    report.add('changed', { ...at, text: 'timeout' }, message);
  }
  return bounded(chosen, report, { ...at, text: 'timeout' });
}

function words(ms: number): string {
  return ms === 0 ? 'never' : formatDuration(ms);
}

/** HAProxy takes 0 as "never". */
function endless(ms: number): number {
  return ms === 0 ? Number.POSITIVE_INFINITY : ms;
}

function bounded(at: At<number>, report: Report, place: Parameters<Report['add']>[1]): At<number> {
  const value = Math.min(WEEK_MS, Math.max(100, endless(at.value)));
  if (value !== at.value)
    report.add('changed', place, `An idle time is 100ms to 168h; written as ${formatDuration(value)}.`);
  return { value, line: at.line };
}

export function connectTime(back: Proxy, report: Report): At<number> | null {
  const at = back.timeouts.get('connect');
  if (!at) return null;
  const value = Math.min(600_000, Math.max(10, endless(at.value)));
  const place = { line: at.line, section: back.label, text: 'timeout connect' };
  if (value !== at.value)
    report.add('changed', place, `A connect timeout is 10ms to 10m; written as ${formatDuration(value)}.`);
  return { value, line: at.line };
}
