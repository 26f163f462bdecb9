import type { EffectivePool } from '../../model/effective.ts';
import type { Page } from './page.ts';

/** What a pool is called by people; no other program has a place for it. */
export function remarkNames(page: Page, { name, profile, fqdn, realServers }: EffectivePool): void {
  const at = `pools[${name}]`;
  if (profile !== null) page.remark('profile', `${at}.profile`, profile);
  if (fqdn !== null) page.remark('fqdn', `${at}.fqdn`, fqdn);
  for (const server of realServers) {
    if (server.fqdn !== null) page.remark('fqdn', `${at}.realServers[${server.name}].fqdn`, server.fqdn);
  }
}
