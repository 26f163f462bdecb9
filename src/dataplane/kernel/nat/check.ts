/** A translation that contradicts itself is a defect of ours; the kernel would refuse it in words that tell nothing. */
import { isIP } from 'node:net';
import { PoolgateError } from '../../../lib/errors.ts';
import { MOST_SOURCES, MOST_TARGETS } from './mark.ts';
import type { PortRange, Translation } from './translation.ts';

/** IFNAMSIZ less the closing zero; what the kernel takes as a name (`dev_valid_name`), less what nft reads as more. */
const INTERFACE = /^[^\s/:"*\\]{1,15}$/;

/** @throws PoolgateError INTERNAL */
export function checkTranslation(translation: Translation): void {
  const { targets, sources, services, forwarding, noRedirects } = translation;
  numbered('target', targets, MOST_TARGETS);
  numbered('source', sources, MOST_SOURCES);
  for (const { number, address, port } of targets) {
    if (isIP(address) === 0) fail(`target ${number} has the address "${address}"`);
    if (port !== null) range(`target ${number}`, { first: port, last: port });
  }
  for (const { number, address, ports } of sources) {
    if (isIP(address) === 0) fail(`source ${number} has the address "${address}"`);
    if (ports) range(`source ${number}`, ports);
  }
  for (const { vip, ports, idleS } of services) {
    if (isIP(vip) === 0) fail(`a VIP is "${vip}"`);
    range(vip, ports);
    if (!(idleS > 0 && Number.isFinite(idleS))) fail(`${vip} is idle after ${idleS} s`);
  }
  for (const name of [...noRedirects, ...(forwarding.allow === 'all' ? [] : forwarding.interfaces)]) {
    if (!INTERFACE.test(name)) fail(`"${name}" is no name of an interface`);
  }
  if (forwarding.allow !== 'all' && forwarding.interfaces.length === 0) fail('forwarding has no interfaces');
}

function numbered(what: string, all: readonly { readonly number: number }[], most: number): void {
  const seen = new Set<number>();
  for (const { number } of all) {
    if (!Number.isInteger(number) || number < 1 || number > most) fail(`a ${what} has the number ${number}`);
    if (seen.has(number)) fail(`two ${what}s have the number ${number}`);
    seen.add(number);
  }
}

function range(of: string, { first, last }: PortRange): void {
  const right = Number.isInteger(first) && Number.isInteger(last) && first >= 1 && last <= 65_535;
  if (!right || last < first) fail(`${of} has the ports ${first}-${last}`);
}

function fail(what: string): never {
  throw new PoolgateError('INTERNAL', `Not a translation that can be: ${what}.`);
}
