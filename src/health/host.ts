/** An address as it stands in a Host header and a SIP URI: IPv6 in brackets (RFC 3986 3.2.2). */
export function hostOf(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
