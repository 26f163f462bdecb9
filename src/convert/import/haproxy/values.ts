/** Times, sizes and addresses as HAProxy writes them. */
import { isIPv6 } from 'node:net';

const UNITS: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `2000`, `30s`, `1m`, in milliseconds (rounded up); null when it is no time. @param unit when none is written */
export function parseTime(text: string | undefined, unit: 'ms' | 's' = 'ms'): number | null {
  const [, count, given] = /^(\d{1,12})(us|ms|s|m|h|d)?$/.exec(text ?? '') ?? [];
  if (count === undefined) return null;
  return Math.ceil(Number(count) * (UNITS[given ?? unit] ?? 1));
}

/** `200k` is 204800; null when it is no size. */
export function parseSize(text: string | undefined): number | null {
  const [, count, unit = ''] = /^(\d{1,12})([kKmMgG]?)$/.exec(text ?? '') ?? [];
  if (count === undefined) return null;
  return Number(count) * 1024 ** ['', 'k', 'm', 'g'].indexOf(unit.toLowerCase());
}

export function parseCount(text: string | undefined, most = 1_000_000_000): number | null {
  const value = /^\d{1,12}$/.test(text ?? '') ? Number(text) : null;
  return value !== null && value <= most ? value : null;
}

export type Address =
  | { readonly kind: 'socket'; readonly host: string; readonly ports: Ports }
  /** Unix sockets and other things that are not of a network. */
  | { readonly kind: 'other'; readonly what: string }
  | { readonly kind: 'bad'; readonly problem: string };

export type Ports =
  | { readonly kind: 'none' }
  | { readonly kind: 'range'; readonly first: number; readonly last: number }
  | { readonly kind: 'offset'; readonly by: number };

const NOT_TCP: readonly (readonly [RegExp, string])[] = [
  [/^(?:unix@|\/)/, 'a Unix socket'],
  [/^(?:abns|abnsz)@/, 'an abstract Unix socket'],
  [/^(?:fd|sockpair)@/, 'an inherited descriptor'],
  [/^rhttp@/, 'a reverse HTTP connection'],
  [/^(?:quic[46]?)@/, 'QUIC'],
  [/^(?:udp[46]?|dgram\+?\w*)@/, 'a datagram socket'],
];

/** `10.0.0.1:80`, `*:80-90`, `:80`, `[::]:80`, `::1:80`, `ipv4@…`, `srv1:+1000`; the port is behind the last colon. */
export function parseEndpoint(text: string): Address {
  const other = NOT_TCP.find(([pattern]) => pattern.test(text));
  if (other) return { kind: 'other', what: other[1] };
  const bare = text.replace(/^(?:ipv[46]|tcp[46]?|mptcp[46]?|stream\+ipv[46])@/, '');
  if (bare === '') return { kind: 'bad', problem: 'is no address' };
  const [, host = '', port = ''] = /^(.*?)(?::([-+\d]*))?$/s.exec(bare) ?? [];
  const ports = bare.endsWith(']') ? ({ kind: 'none' } as const) : parsePorts(port);
  if (!ports) return { kind: 'bad', problem: `has no valid port (${port.slice(0, 20)})` };
  const whole = bare.endsWith(']') ? bare : host;
  const inside = whole.replace(/^\[(.*)\]$/s, '$1');
  // Without brackets the end of an IPv6 address looks like a port, and HAProxy takes it for one.
  if (isIPv6(bare) && !isIPv6(inside)) return { kind: 'socket', host: bare, ports: { kind: 'none' } };
  if (inside.includes(':') && !isIPv6(inside.replace(/%.*/s, '')))
    return { kind: 'bad', problem: 'is no address with a port in figures' };
  return { kind: 'socket', host: inside, ports };
}

function parsePorts(text: string): Ports | null {
  if (text === '') return { kind: 'none' };
  const [, sign, offset] = /^([-+])(\d{1,5})$/.exec(text) ?? [];
  if (offset !== undefined) return { kind: 'offset', by: Number(`${sign}${offset}`) };
  const [, from, to] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
  const [first, last] = [Number(from ?? 0), Number(to ?? from ?? 0)];
  return first >= 1 && last <= 65_535 && first <= last ? { kind: 'range', first, last } : null;
}

/** Whether HAProxy listens on every address of its machine there. */
export function isAny(host: string): boolean {
  return host === '' || host === '*' || host === '0.0.0.0' || host === '::';
}
