/** The lines of a section's servers. */
import { isIPv6 } from 'node:net';
import { formatDuration } from '../../../model/duration.ts';
import type { EffectivePool, EffectiveServer, EffectiveService } from '../../../model/effective.ts';
import type { Page } from '../page.ts';
import { remarkNames } from '../pool-names.ts';
import type { Checking } from './checks.ts';
import { endpoint } from './quote.ts';
import type { Section } from './sections.ts';

const LARGEST_WEIGHT = 256;

export function writeServers(
  page: Page,
  section: Section,
  service: EffectiveService,
  checks: Checking,
): void {
  const { pool, tracks } = section;
  const at = `pools[${pool.name}]`;
  remarks(page, pool, service);
  remarkNames(page, pool);
  if (pool.realServers.some((server) => server.maxConnections > 0)) page.line('timeout queue 1ms');
  page.remark('drainTimeout', `${at}.drain.timeout`, formatDuration(pool.drain.timeoutMs));
  const whenDown = pool.onDown === 'reset' ? ' on-marked-down shutdown-sessions' : '';
  if (whenDown !== '' || checks.options !== '') page.line(`default-server${whenDown}${checks.options}`);
  const scale = scaleOf(page, pool);
  for (const [i, server] of pool.realServers.entries()) {
    const words = [`server ${server.name} ${endpoint(server.address)}`];
    if (checks.any) words.push(tracks === null ? 'check' : `track ${tracks}/${server.name}`);
    words.push(`weight ${weightOf(server, service, scale)}`);
    if (server.maxConnections > 0) words.push(`maxconn ${server.maxConnections}`);
    words.push(...sourceOf(service, server.address, i));
    // Who tracks a server is disabled with it.
    if (server.admin === 'maint' && !(checks.any && tracks !== null)) words.push('disabled');
    page.line(words.join(' '));
  }
  writeFallback(page, pool, service);
}

function remarks(page: Page, pool: EffectivePool, service: EffectiveService): void {
  const { scheduler, nat, snat, name } = service;
  const at = `virtualServices[${name}]`;
  if (nat === 'half') page.remark('natHalf', `${at}.nat`, 'half');
  if (nat === 'none') page.remark('natNone', `${at}.nat`, 'none');
  if (snat && snat.addresses.length > 1)
    page.remark('snatAddresses', `${at}.snatPool`, snat.addresses.join(', '));
  for (const server of pool.realServers) {
    const path = `pools[${pool.name}].realServers[${server.name}]`;
    const unweighted = scheduler === 'rr' || scheduler === 'lc';
    if (unweighted && server.weight > 1) page.remark('unweighted', `${path}.weight`, `${server.weight}`);
    if (server.admin === 'drain' && server.weight > 0)
      page.remark('drainWeight', `${path}.weight`, `${server.weight}`);
    if (server.maxConnections > 0)
      page.remark('serverLimit', `${path}.maxConnections`, `${server.maxConnections}`);
  }
}

/** What weights are multiplied by so that the largest fits. */
function scaleOf(page: Page, pool: EffectivePool): number {
  const largest = Math.max(0, ...pool.realServers.map(({ weight }) => weight));
  if (largest <= LARGEST_WEIGHT) return 1;
  page.remark('largeWeight', `pools[${pool.name}].realServers`, `weight ${largest}`);
  return LARGEST_WEIGHT / largest;
}

function weightOf(
  { weight, admin }: EffectiveServer,
  { scheduler }: EffectiveService,
  scale: number,
): number {
  if (weight === 0 || admin === 'drain') return 0;
  if (scheduler === 'rr' || scheduler === 'lc') return 1;
  return Math.max(1, Math.round(weight * scale));
}

/** @param turn servers take the addresses of their family in turn */
function sourceOf({ nat, snat }: EffectiveService, address: string, turn: number): string[] {
  if (nat === 'half') return [`source ${isIPv6(address) ? '[::]' : '0.0.0.0'} usesrc clientip`];
  const own = (snat?.addresses ?? []).filter((source) => isIPv6(source) === isIPv6(address));
  const source = own[turn % own.length];
  if (source === undefined) return [];
  const ports = snat?.ports ? `${snat.ports.first}-${snat.ports.last}` : null;
  return [`source ${endpoint(source, ports)}`];
}

function writeFallback(page: Page, pool: EffectivePool, service: EffectiveService): void {
  const { fallback, realServers } = pool;
  if (!fallback) return;
  // No server of ours has a colon in its name.
  const name = realServers.some((server) => server.name === 'fallback') ? 'fallback:' : 'fallback';
  const words = [`server ${name} ${endpoint(fallback.address, fallback.port)}`, 'backup'];
  page.line([...words, ...sourceOf(service, fallback.address, realServers.length)].join(' '));
}
