/** IP addresses as the config takes them: literals of hosts that TCP can be spoken with, in one canonical form. */
import { isIPv4, isIPv6 } from 'node:net';

export type ParsedAddress =
  | { readonly ok: true; readonly address: string; readonly family: 4 | 6 }
  /** `problem` goes on from "VALUE …". */
  | { readonly ok: false; readonly problem: string; readonly hint: string };

const HINT = 'Write an IPv4 or IPv6 address, such as 10.0.0.41 or 2001:db8::41.';

/** Canonical is: IPv4 dotted, IPv6 as RFC 5952 (lower case, longest run of zeros shortened). */
export function parseAddress(text: string): ParsedAddress {
  if (isIPv4(text)) return judgeV4(text);
  if (text.includes('%')) {
    return bad(
      'has a zone; such addresses mean something only on one link',
      'Use a global or unique local address.',
    );
  }
  if (isIPv6(text)) return judgeV6(canonicalV6(text));
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : null;
  if (bare !== null && isIPv6(bare)) return bad('has brackets', `Write ${bare} without them.`);
  if (text.includes('/')) return bad('has a prefix length', 'Write the address alone, without `/…`.');
  if (/^[\d.]+:\d+$/.test(text) || /^\[.*\]:\d+$/.test(text)) {
    return bad('has a port', 'Write the address alone; ports stand in `ports`, `healthChecks` or `port`.');
  }
  if (/^[A-Za-z][\w.-]*$/.test(text)) {
    return bad('is a name, and names are not looked up', `${HINT} The name goes into \`fqdn\`.`);
  }
  return bad('is not an IP address', HINT);
}

/** As {@link parseAddress}, of an address known to be valid. */
export function canonicalAddress(text: string): string {
  const parsed = parseAddress(text);
  return parsed.ok ? parsed.address : text;
}

function judgeV4(address: string): ParsedAddress {
  const [a = 0] = address.split('.').map(Number);
  if (a === 0) return bad('means "any address" or "this network", not a host', HINT);
  if (a >= 224 && a <= 239) return bad('is a multicast address', HINT);
  if (a >= 240) return bad('is a reserved or broadcast address', HINT);
  return { ok: true, address, family: 4 };
}

function judgeV6(address: string): ParsedAddress {
  if (address === '::') return bad('means "any address", not a host', HINT);
  if (address.startsWith('ff')) return bad('is a multicast address', HINT);
  if (/^fe[89ab]/.test(address)) {
    return bad(
      'is a link-local address, which means something only on one link',
      'Use a global or unique local address.',
    );
  }
  const mapped = /^::ffff:([\da-f]+):([\da-f]+)$/.exec(address);
  if (mapped) {
    const [high = 0, low = 0] = [mapped[1], mapped[2]].map((part) => Number.parseInt(part ?? '0', 16));
    const v4 = [high >> 8, high & 255, low >> 8, low & 255].join('.');
    return bad('is an IPv4 address in IPv6 clothes', `Write ${v4}.`);
  }
  return { ok: true, address, family: 6 };
}

/** The URL parser of WHATWG serialises IPv6 as RFC 5952 says. */
function canonicalV6(text: string): string {
  return new URL(`http://[${text}]/`).hostname.slice(1, -1);
}

function bad(problem: string, hint: string): ParsedAddress {
  return { ok: false, problem, hint };
}
