import { canonicalAddress } from '../../model/address.ts';
import { clientTest } from '../connection-filter.ts';
import type { Names } from './names.ts';

/** The numbers of the ports that have this address and this number, of what is given. */
export function portsOf(names: Names, vip: string | undefined, port: number | undefined): Set<number> {
  const address = vip === undefined ? undefined : canonicalAddress(vip);
  const found = [...names.ports.values()].filter(
    (entry) =>
      (address === undefined || address === entry.port.vip) &&
      (port === undefined || port === entry.port.port),
  );
  return new Set(found.map(({ id }) => id));
}

/** One command asks of thousands of connections, so the test of its clients is made once. */
let last = { clients: '', test: clientTest('') };

/** @param endpoint `ADDRESS:PORT` */
export function isOf(clients: string, endpoint: string): boolean {
  if (last.clients !== clients) last = { clients, test: clientTest(clients) };
  return last.test?.(endpoint) ?? false;
}
