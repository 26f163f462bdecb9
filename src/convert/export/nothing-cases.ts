import type { Format } from './remark.ts';

/** Test configs and examples of which a program can have nothing. */
export const NOTHING: Readonly<Record<Format, readonly string[]>> = {
  haproxy: ['router.yaml', 'profiles/generic/udp.yaml'],
  keepalived: ['router.yaml', 'IPv4 before IPv6', 'nobody is ready'],
  nftables: [],
};
