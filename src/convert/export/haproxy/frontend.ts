/** What clients connect to: addresses and ports, and who is let in. */
import { isIPv6 } from 'node:net';
import { formatDuration } from '../../../model/duration.ts';
import type { EffectiveService, PortRange } from '../../../model/effective.ts';
import type { Page } from '../page.ts';
import { endpoint } from './quote.ts';

export function writeFrontend(page: Page, service: EffectiveService): void {
  const tcp = service.ports.filter(({ protocol }) => protocol === 'tcp');
  for (const range of tcp) page.line(`bind ${endpoint(service.vip, span(range))}${nameOf(range)}`);
  page.line(`timeout client ${formatDuration(service.idleTimeoutMs)}`);
  for (const range of tcp.filter(isMapped)) {
    const offset = range.serverFirst - range.first;
    const moved = offset > 0 ? `add(${offset})` : `sub(${-offset})`;
    // By the name of the bind: the port itself has changed already where a rule before this one has set it.
    page.line(`tcp-request connection set-dst-port dst_port,${moved} if { so_name ${label(range)} }`);
  }
  writeLimits(page, service);
}

function isMapped({ first, serverFirst }: PortRange): boolean {
  return first !== serverFirst;
}

function nameOf(range: PortRange): string {
  return isMapped(range) ? ` name ${label(range)}` : '';
}

/** Such as `443-to-4443`. */
function label({ first, serverFirst }: PortRange): string {
  return `${first}-to-${serverFirst}`;
}

function span({ first, last }: PortRange): string {
  return first === last ? `${first}` : `${first}-${last}`;
}

/** The table that counts a service's clients has a section of its own, because a section has one table. */
function tableOf({ name }: EffectiveService): string {
  return `${name}:sources`;
}

function countsSources({ limits }: EffectiveService): boolean {
  return limits.connectionsPerSource > 0 || limits.newConnectionsPerSecondPerSource > 0;
}

function writeLimits(page: Page, service: EffectiveService): void {
  const { limits, maxConnections, vip, name } = service;
  if (maxConnections > 0) page.line(`tcp-request connection reject if { fe_conn gt ${maxConnections} }`);
  if (!countsSources(service)) return;
  // A source is an IPv4 address or an IPv6 network of 64 bits.
  const source = isIPv6(vip) ? 'src,ipmask(32,64)' : 'src';
  page.line(`tcp-request connection track-sc0 ${source} table ${tableOf(service)}`);
  if (limits.connectionsPerSource > 0)
    page.line(`tcp-request connection reject if { sc0_conn_cur gt ${limits.connectionsPerSource} }`);
  const rate = limits.newConnectionsPerSecondPerSource;
  if (rate === 0) return;
  page.remark('sourceRate', `virtualServices[${name}].limits.newConnectionsPerSecondPerSource`, `${rate}`);
  page.line(`tcp-request connection reject if { sc0_conn_rate gt ${rate} }`);
}

export function writeSources(page: Page, service: EffectiveService): void {
  if (!countsSources(service)) return;
  page.blank();
  page.block(`backend ${tableOf(service)}`, () => {
    const type = isIPv6(service.vip) ? 'ipv6' : 'ip';
    page.line(`stick-table type ${type} size 100k expire 1m store conn_cur,conn_rate(1s)`);
  });
}
