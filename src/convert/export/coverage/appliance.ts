/** What is of the machine: data plane, API, addresses, topology. */
import { changed, lost, same, type Row } from './cell.ts';

const BY_HAND = 'the addresses are not added by it; the commands stand in the head of the file';

export const APPLIANCE = {
  plane: {
    key: '`dataPlane: kernel`',
    haproxy: changed('bytes pass through the program, not the kernel alone'),
    keepalived: same('IPVS is in the kernel'),
    nftables: same('all of it is in the kernel'),
  },
  adminApi: {
    key: '`admin`',
    haproxy: lost('no such API; `stats socket` takes commands, and a line for it stands in the file'),
    keepalived: lost('no such API; `ipvsadm` shows and changes what runs'),
    nftables: lost('no such API; `nft list table inet poolgate_export` shows what is loaded'),
  },
  shutdown: {
    key: '`shutdownTimeout`',
    haproxy: same('`hard-stop-after`'),
    keepalived: lost('connections stop being forwarded when it stops'),
    nftables: lost('nothing runs that could stop; open connections go on when the table is deleted'),
  },
  interface: {
    key: '`topology.interface`, `clientInterface`',
    haproxy: changed(BY_HAND),
    keepalived: changed(BY_HAND),
    nftables: changed(BY_HAND),
  },
  twoArmed: {
    key: '`topology.mode: two-armed`, `serverAddress`',
    haproxy: changed('the addresses of both sides are set by hand'),
    keepalived: changed('the addresses of both sides are set by hand'),
    nftables: changed('the addresses of both sides are set by hand'),
  },
  routing: {
    key: '`topology.routing`, `filter`',
    haproxy: lost(
      'it forwards only connections that it accepted; `net.ipv4.ip_forward` and a packet filter do the rest',
    ),
    keepalived: lost('what else is forwarded is up to `net.ipv4.ip_forward` and a packet filter'),
    nftables: same('a chain in `forward`'),
  },
  transparent: {
    key: '`topology.mode: transparent`',
    haproxy: lost('no bridge; it needs addresses of its own and clients that dial them'),
    keepalived: lost('no bridge; it needs addresses of its own and clients that dial them'),
    nftables: lost('no bridge is made; build one, with `br_netfilter`, before this is of use'),
  },
  keepAtStop: {
    key: '`topology.keepAtStop`',
    haproxy: lost('addresses are set by hand and stay'),
    keepalived: lost('addresses are set by hand and stay'),
    nftables: lost('addresses are set by hand and stay'),
  },
} as const satisfies Record<string, Row>;
