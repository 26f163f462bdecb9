import type { Format } from '../remark.ts';

/** What is different with every config; it stands in the head of every exported file. */
export const ALWAYS = {
  haproxy: [
    'A connect proves nothing: HAProxy accepts before it knows whether a server is there, and closes when none is. Poolgate resets the SYN.',
    'At its start every server counts as up until its first check has failed; in Poolgate none is used before its first good one.',
    'A connection that was idle for too long is closed at both ends; Poolgate resets it.',
    'Choosing and counting are two steps: of connections that come at the same moment on several threads a few may go elsewhere.',
    'The next probe starts an interval after the last one ended; in Poolgate an interval after it started.',
  ],
  keepalived: [
    'The kernel needs IPVS (`modprobe ip_vs`) and `net.ipv4.ip_forward=1`.',
    'Connections to a port for which there is no server are refused, but not by a reset: by ICMP.',
    'A connection that was idle for too long is forgotten, and neither end is told.',
    'A server is checked for each `virtual_server` by itself.',
  ],
  nftables: [
    'There are NO HEALTH CHECKS: a server that is dead goes on getting its share. Take it out of the maps and load the file again.',
    'The kernel needs `net.ipv4.ip_forward=1` (IPv6: `net.ipv6.conf.all.forwarding=1`).',
    'Loading the file again replaces the table; open connections go on.',
  ],
} as const satisfies Record<Format, readonly string[]>;
