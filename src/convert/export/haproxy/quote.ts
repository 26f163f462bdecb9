/** Words of a HAProxy configuration (its manual, 2.2 "Quoting and escaping"). */
import { isIPv6 } from 'node:net';

/** A line may have 2,047 bytes; what stands before and after a text needs some of them. */
export const LONGEST_TEXT = 1000;

/** In double quotes, as one word. */
export function quoted(text: string): string {
  const escaped = text.replaceAll(/[\\"$]/g, (sign) => `\\${sign}`);
  return `"${escaped.replaceAll('\r', '\\r').replaceAll('\n', '\\n')}"`;
}

/** As {@link quoted}, where `%` begins a variable. */
export function quotedFormat(text: string, variables: Readonly<Record<string, string>>): string {
  const escaped = text.replaceAll('%', '%%');
  const filled = Object.entries(variables).reduce(
    (all, [name, value]) => all.replaceAll(name, value),
    escaped,
  );
  return quoted(filled);
}

/** Text as a regular expression of PCRE that fits it alone. */
export function literal(text: string): string {
  return text.replaceAll(/[\\^$.|?*+()[\]{}]/g, (sign) => `\\${sign}`);
}

/** An address with a port behind it, or without: of IPv6 in brackets, because the last colon begins the port. */
export function endpoint(address: string, port: string | number | null = null): string {
  const host = isIPv6(address) ? `[${address}]` : address;
  return port === null ? host : `${host}:${port}`;
}
