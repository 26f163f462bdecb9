import { isIPv6 } from 'node:net';
import type { EffectiveServer } from '../../../model/effective.ts';
import type { Page } from '../page.ts';
import { writeCheck } from './checks.ts';
import { serversOf, type VirtualServer } from './virtual-servers.ts';

const METHOD = { full: 'NAT', half: 'NAT', none: 'DR' } as const;

export function writeVirtualServer(page: Page, virtual: VirtualServer): void {
  const { service, group, ports, protocol } = virtual;
  if (group !== null) {
    page.block(
      `virtual_server_group ${group} {`,
      () => {
        for (const port of ports) page.line(`${service.vip} ${port}`);
      },
      '}',
    );
  }
  const head = group === null ? `${service.vip} ${ports[0]}` : `group ${group}`;
  page.block(
    `virtual_server ${head} {`,
    () => {
      page.line(`lvs_sched ${service.scheduler}`);
      page.line(`lvs_method ${METHOD[service.nat]}`);
      page.line(`protocol ${protocol.toUpperCase()}`);
      if (service.persistence)
        page.line(`persistence_timeout ${Math.ceil(service.persistence.timeoutMs / 1000)}`);
      // A server is not used before its first good answer.
      page.line('alpha');
      for (const server of serversOf(virtual)) writeServer(page, virtual, server);
      writeSorryServer(page, virtual);
    },
    '}',
  );
}

function writeServer(page: Page, { pool, serverPort }: VirtualServer, server: EffectiveServer): void {
  page.block(
    `real_server ${server.address}${portWord(serverPort)} {`,
    () => {
      page.line(`weight ${server.admin === 'drain' ? 0 : server.weight}`);
      if (server.maxConnections > 0) page.line(`uthreshold ${server.maxConnections}`);
      if (pool.onDown === 'keep') page.line('inhibit_on_failure');
      for (const [i, check] of pool.healthChecks.entries()) writeCheck(page, pool, check, i);
    },
    '}',
  );
}

function writeSorryServer(page: Page, { pool, service, serverPort }: VirtualServer): void {
  const { fallback } = pool;
  if (!fallback || isIPv6(fallback.address) !== isIPv6(service.vip)) return;
  page.line(`sorry_server ${fallback.address}${portWord(fallback.port ?? serverPort)}`);
}

function portWord(port: number | null): string {
  return port === null ? '' : ` ${port}`;
}
