/** Who is let in, and how long the kernel keeps a connection on which nothing goes. */
import type { EffectiveService, Protocol } from '../../../model/effective.ts';
import type { Page } from '../page.ts';
import { dialled, type Place, protocolsOf } from './places.ts';

/** In a half-closed connection one end may listen for as long as in an open one. */
const RESTING: Readonly<Record<Protocol, readonly string[]>> = {
  tcp: ['established', 'fin_wait', 'close_wait'],
  udp: ['unreplied', 'replied'],
};

interface Policy {
  readonly name: string;
  readonly protocol: Protocol;
  readonly seconds: number;
}

function policyOf({ idleTimeoutMs, udpIdleMs }: EffectiveService, protocol: Protocol): Policy {
  const seconds = Math.ceil((protocol === 'tcp' ? idleTimeoutMs : udpIdleMs) / 1000);
  return { name: `${protocol}_${seconds}`, protocol, seconds };
}

export function writeTimeouts(page: Page, places: readonly Place[]): void {
  const all = places.flatMap((place) =>
    protocolsOf(place).map((protocol) => policyOf(place.service, protocol)),
  );
  const once = new Map(all.map((policy) => [policy.name, policy]));
  for (const { name, protocol, seconds } of once.values()) {
    page.block(
      `ct timeout ${name} {`,
      () => {
        page.line(`protocol ${protocol};`);
        page.line(`policy = { ${RESTING[protocol].map((state) => `${state} : ${seconds}`).join(', ')} };`);
      },
      '}',
    );
  }
}

/** A source is an IPv4 address or an IPv6 network of 64 bits. */
function source({ v6 }: Place): string {
  return v6 ? 'ip6 saddr & ffff:ffff:ffff:ffff::' : 'ip saddr';
}

/** Sets of sources, for the limits that the service has. */
export function writeSets(page: Page, { service, v6, id }: Place): void {
  const { connectionsPerSource, newConnectionsPerSecondPerSource } = service.limits;
  const type = `type ${v6 ? 'ipv6_addr' : 'ipv4_addr'}`;
  if (connectionsPerSource > 0)
    page.block(`set ${id}_open {`, () => lines(page, [type, 'flags dynamic', 'size 65535']), '}');
  if (newConnectionsPerSecondPerSource > 0)
    page.block(
      `set ${id}_rate {`,
      () => lines(page, [type, 'flags dynamic, timeout', 'timeout 1m', 'size 65535']),
      '}',
    );
}

function lines(page: Page, all: readonly string[]): void {
  for (const line of all) page.line(line);
}

export function writeAdmission(page: Page, places: readonly Place[]): void {
  page.block('chain refuse {', () => lines(page, ['meta l4proto tcp reject with tcp reset', 'drop']), '}');
  for (const place of places) writeLimits(page, place);
  page.block(
    'chain admit {',
    () => {
      page.line('type filter hook prerouting priority mangle; policy accept;');
      for (const place of places) {
        for (const protocol of protocolsOf(place)) writeEntry(page, place, protocol);
      }
    },
    '}',
  );
}

function hasLimits({ service }: Place): boolean {
  const { connectionsPerSource, newConnectionsPerSecondPerSource } = service.limits;
  return service.maxConnections > 0 || connectionsPerSource > 0 || newConnectionsPerSecondPerSource > 0;
}

function writeLimits(page: Page, place: Place): void {
  if (!hasLimits(place)) return;
  const { service, id } = place;
  const { connectionsPerSource, newConnectionsPerSecondPerSource: rate } = service.limits;
  page.block(
    `chain ${id}_limits {`,
    () => {
      if (rate > 0)
        page.line(
          `update @${id}_rate { ${source(place)} limit rate over ${rate}/second burst ${rate} packets } goto refuse`,
        );
      if (connectionsPerSource > 0)
        page.line(`add @${id}_open { ${source(place)} ct count over ${connectionsPerSource} } goto refuse`);
      if (service.maxConnections > 0) page.line(`ct count over ${service.maxConnections} goto refuse`);
    },
    '}',
  );
}

function writeEntry(page: Page, place: Place, protocol: Protocol): void {
  const first = `ct state new ${dialled(place, protocol)}`;
  if (place.servers.length === 0) {
    page.line(`${first} goto refuse`);
    return;
  }
  if (hasLimits(place)) page.line(`${first} jump ${place.id}_limits`);
  page.line(`${first} ct timeout set "${policyOf(place.service, protocol).name}"`);
}
