/** Conditions and what they decide: other backends, refused connections, limits per client. */
import { formatDuration } from '../../../model/duration.ts';
import type { At, DraftLimits } from '../draft.ts';
import type { Report } from '../report.ts';
import { type Context, type Proxy, type Reader, tell } from './proxy.ts';
import { parseCount } from './values.ts';

export const readDefaultBackend: Reader = (proxy, [name = ''], context) => {
  proxy.defaultBackend = { value: name, line: context.place.line };
};

const MOST_BACKENDS = 1000;

/** What it means is clear only when the default backend is known. */
export const readUseBackend: Reader = (proxy, [name = '', ...condition], context) => {
  if (condition.length === 0) {
    proxy.defaultBackend ??= { value: name, line: context.place.line };
    return;
  }
  if (proxy.otherBackends.length < MOST_BACKENDS) proxy.otherBackends.push({ name, place: context.place });
  else tell(context, 'missing', `Only the first ${MOST_BACKENDS} of such rules are read.`);
};

/** What a rule compares, in the forms that people write: `{ src_conn_cur ge 50 }`, `{ sc0_conn_rate gt 100 }`. */
const LIMIT = /^(?:(?:src|sc[012]|sc)_conn_(cur|rate)|fe_(conn))(?:\([^)]*\))?$/;

/** Actions that are felt by a client or a server. */
const STEERS =
  /\b(?:set-(?:dst|src)(?:-port)?|do-resolve|use-service|switch-mode|expect-proxy|expect-netscaler-cip|attach-srv|lua\.)/;

export const readTcpRequest: Reader = (proxy, args, context) => {
  const text = args.join(' ');
  if (/^inspect-delay\b/.test(text))
    return tell(context, 'unneeded', 'Nothing is inspected, so nothing waits.');
  if (/^(?:connection|content|session) accept\b/.test(text))
    return tell(context, 'unneeded', 'Connections are accepted anyway.');
  if (/^(?:connection|content|session) track-sc\d?\b/.test(text)) {
    const at = args.indexOf('table');
    if (at > 0) proxy.tracked = args[at + 1] ?? null;
    return tell(context, 'unneeded', 'Clients are counted where a limit needs it.');
  }
  if (
    /^(?:connection|content|session) (?:reject|silent-drop)\b/.test(text) &&
    readLimit(proxy, args, context)
  )
    return undefined;
  if (/^connection set-dst-port\b/.test(text) && readMove(proxy, text, context)) return undefined;
  if (/\b(?:reject|silent-drop|deny)\b/.test(text)) {
    const message = 'Which clients are refused is the business of a firewall here.';
    return tell(context, 'missing', message, 'Write the rule into nftables on this machine, before the VIP.');
  }
  if (STEERS.test(text))
    return tell(
      context,
      'missing',
      'It changes where connections go, or what they begin with; that has no equivalent.',
    );
  return tell(context, 'changed', 'Rules that count or mark connections have no equivalent.');
};

/** As `poolgate export` writes it: `set-dst-port dst_port,add(4000) if { so_name 443-to-4443 }`. @returns whether it was so */
function readMove(proxy: Proxy, text: string, context: Context): boolean {
  const [, verb, by, name = ''] =
    /^connection set-dst-port dst_port,(add|sub)\((\d{1,5})\) if \{ so_name (\S+) \}$/.exec(text) ?? [];
  if (verb === undefined || ![...proxy.bindNames.values()].includes(name)) return false;
  proxy.moves.set(name, verb === 'add' ? Number(by) : -Number(by));
  tell(context, 'translated', '`serverPort` of the ports of that `bind`.');
  return true;
}

/** @returns whether it was a limit per client */
function readLimit(proxy: Proxy, args: readonly string[], context: Context): boolean {
  const rest = args.slice(args.findIndex((word) => word === 'reject' || word === 'silent-drop') + 1);
  const [iff, open, what = '', operator = '', value, close, ...more] = rest;
  const [, client, whole] = LIMIT.exec(what) ?? [];
  const kind = client ?? whole;
  const count = parseCount(value, 1_000_000);
  if (iff !== 'if' || open !== '{' || close !== '}' || more.length > 0) return false;
  if (kind === undefined || count === null || !/^g[te]$/.test(operator)) return false;
  const most = operator === 'gt' ? count : Math.max(1, count - 1);
  const { line } = context.place;
  if (kind === 'rate') {
    // Of what time it is the table says, which may come later.
    proxy.rate = { most, place: context.place };
    return true;
  }
  if (kind === 'conn') {
    proxy.maxConnections = { value: most, line };
    tell(context, 'translated', `\`maxConnections: ${most}\`.`);
    return true;
  }
  proxy.limits = { value: { ...proxy.limits?.value, connectionsPerSource: most }, line };
  tell(context, 'translated', `\`limits.connectionsPerSource: ${most}\`.`);
  return true;
}

export function tellOtherBackends({ otherBackends, defaultBackend }: Proxy, report: Report): void {
  for (const { name, place } of otherBackends) {
    if (name === defaultBackend?.value) {
      report.add('unneeded', place, 'It leads to the default backend, where all connections go anyway.');
      continue;
    }
    report.add(
      'missing',
      place,
      `Where a connection goes is decided by VIP and port alone; \`${name.slice(0, 40)}\` gets none by this condition.`,
      { hint: 'Give what it tells apart a VIP or port of its own.' },
    );
  }
}

/** Limits of a client; that of new connections is per second here, and by the period of a table there. */
export function limitsOf(
  proxy: Proxy,
  proxies: ReadonlyMap<string, Proxy>,
  report: Report,
): At<DraftLimits> | null {
  const { rate, tracked } = proxy;
  if (!rate) return proxy.limits;
  const period = (tracked === null ? proxy : proxies.get(tracked))?.ratePeriodMs ?? null;
  if (period === null || period === 0) {
    report.add('missing', rate.place, 'Of what time these connections are, no table in this file says.', {
      hint: 'Write `limits: { newConnectionsPerSecondPerSource: … }`.',
    });
    return proxy.limits;
  }
  const perSecond = Math.max(1, Math.round((rate.most * 1000) / period));
  const exact = perSecond * period === rate.most * 1000;
  const message = `\`limits.newConnectionsPerSecondPerSource: ${perSecond}\`.`;
  const more =
    exact && period === 1000
      ? ''
      : ` There it is ${rate.most} in ${formatDuration(period)}; a burst may be as large as a second allows.`;
  report.add(more === '' ? 'translated' : 'changed', rate.place, message + more);
  return {
    value: { ...proxy.limits?.value, newConnectionsPerSecondPerSource: perSecond },
    line: rate.place.line,
  };
}
