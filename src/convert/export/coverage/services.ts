/** What is of a virtual service: ports, choice, timeouts, NAT, limits. */
import { changed, harmless, lost, same, type Row, saidElsewhere } from './cell.ts';

const NO_TABLE = lost('nothing here limits it');

export const SERVICES = {
  tcp: {
    key: '`ports`: TCP, single and ranges',
    haproxy: same('`bind`'),
    keepalived: same('an entry of a `virtual_server_group` for each port'),
    nftables: same('`tcp dport`'),
  },
  manyPorts: {
    key: '`ports`: a range of more than 1,024',
    haproxy: same('`bind` with a range'),
    keepalived: lost(
      'each port would be a virtual server of its own; mark them with nftables and use `virtual_server fwmark`',
    ),
    nftables: same('`tcp dport` with a range'),
  },
  mapping: {
    key: '`ports`: `serverPort`',
    haproxy: same('`tcp-request connection set-dst-port`'),
    keepalived: same('a `virtual_server` with the port at its `real_server`'),
    nftables: same('the port stands beside the address in `dnat to`'),
  },
  mappedRange: {
    key: '`ports`: a mapped range of more than 64 ports',
    haproxy: same('`set-dst-port`'),
    keepalived: lost('each port would be a virtual server of its own'),
    nftables: lost('each port would be a rule of its own'),
  },
  udp: {
    key: '`ports`: `protocol: udp`',
    haproxy: lost('HAProxy forwards no UDP'),
    keepalived: same('`protocol UDP`'),
    nftables: same('`udp dport`'),
  },
  family: {
    key: 'a VIP and servers of different families',
    haproxy: same('connections are its own on both sides'),
    keepalived: lost('IPVS forwards within one family only'),
    nftables: lost('NAT works within one family only'),
  },
  noService: {
    key: 'a pool that no virtual service uses',
    haproxy: lost('there is nothing that would use it'),
    keepalived: lost('there is nothing that would use it'),
    nftables: lost('there is nothing that would use it'),
  },
  wlc: {
    key: '`scheduler`: `wlc`',
    haproxy: same('`balance leastconn`'),
    keepalived: changed(
      '`wlc` counts each port by itself, and connections that have ended for some minutes too',
    ),
    nftables: changed('connections are not counted: shares by weight, in turn'),
  },
  lc: {
    key: '`scheduler`: `lc`',
    haproxy: same('`balance leastconn`, every weight 1'),
    keepalived: changed(
      '`lc` counts each port by itself, and connections that have ended for some minutes too',
    ),
    nftables: changed('connections are not counted: in turn'),
  },
  rr: {
    key: '`scheduler`: `rr`, `wrr`',
    haproxy: same('`balance roundrobin`; for `rr` every weight is 1'),
    keepalived: changed('the turn is of each port by itself'),
    nftables: same('`numgen inc`; for `rr` every weight is 1'),
  },
  unweighted: {
    key: '`realServers[].weight` with `rr` or `lc`',
    haproxy: changed('written as 1, because this scheduler takes no account of weights'),
    keepalived: same('`weight`, which `rr` and `lc` take no account of'),
    nftables: changed('written as 1, because this scheduler takes no account of weights'),
  },
  evenly: {
    key: '`scheduler`: `rr`, `lc` by their names',
    haproxy: harmless(changed('written with every weight 1, which is the same, and reads as `wrr` or `wlc`')),
    keepalived: same('`rr`, `lc`'),
    nftables: same('every share is 1'),
  },
  sh: {
    key: '`scheduler`: `sh`',
    haproxy: changed(
      '`balance source` with `hash-type consistent`: the same client, the same server, but not the same one',
    ),
    keepalived: changed('`sh` shares by a table: a server that leaves moves other servers’ clients too'),
    nftables: changed('`jhash` of the source: a server that is taken out moves other servers’ clients too'),
  },
  mh: {
    key: '`scheduler`: `mh`',
    haproxy: changed('no Maglev hashing: `balance source` with `hash-type consistent`'),
    keepalived: changed('`mh`, but clients are not at the same servers as before'),
    nftables: changed(
      'no Maglev hashing: `jhash` of the source; a server that is taken out moves other servers’ clients too',
    ),
  },
  countsApart: {
    key: 'services of one pool that differ in more than ports',
    haproxy: changed(
      'each of these sections chooses by its own connections alone; Poolgate counts over all services of a pool',
    ),
    keepalived: changed('each service asks the servers by itself and has a verdict of its own'),
    nftables: same('there is neither a count nor a verdict'),
  },
  redispatch: {
    key: '`defaults.redispatch`',
    haproxy: same('`retries`, `option redispatch 1`'),
    keepalived: lost('a connection stays with the server that it was given, also before it is open'),
    nftables: lost('a connection stays with the server that it was given, also before it is open'),
  },
  connectTimeout: {
    key: '`timeouts.connect`',
    haproxy: same('`timeout connect`'),
    keepalived: lost('nothing waits for a server'),
    nftables: lost('nothing waits for a server'),
  },
  idle: {
    key: '`timeouts.idle`',
    haproxy: same('`timeout client`, `server` and `tunnel`'),
    keepalived: changed(
      '`lvs_timeouts tcp`, one for the machine; connections are forgotten and no end is told',
    ),
    nftables: changed('a `ct timeout` policy; connections are forgotten and no end is told'),
  },
  udpIdle: {
    key: '`timeouts.udpIdle`',
    haproxy: lost('HAProxy forwards no UDP'),
    keepalived: changed('`lvs_timeouts udp`, one for the machine'),
    nftables: same('a `ct timeout` policy'),
  },
  persistence: {
    key: '`persistence`',
    haproxy: changed('`stick on src`: an entry may expire while its client has connections'),
    keepalived: changed('`persistence_timeout`, of each port by itself'),
    nftables: changed(
      '`jhash` of the source: a client keeps its server for as long as the list of servers is the same',
    ),
  },
  persistenceTable: {
    key: '`persistence.maxEntries`',
    haproxy: same('`stick-table … size`'),
    keepalived: lost('the table has no limit of its own'),
    nftables: lost('there is no table'),
  },
  natFull: {
    key: '`nat: full`',
    haproxy: same('connections to servers are its own'),
    keepalived: changed(
      'IPVS rewrites the destination only; a table of nftables for the source stands in the head of the file',
    ),
    nftables: same('`masquerade` or `snat`'),
  },
  natHalf: {
    key: '`nat: half`',
    haproxy: changed(
      '`source 0.0.0.0 usesrc clientip`, which wants TPROXY rules; they stand in the head of the file',
    ),
    keepalived: same('`lvs_method NAT`'),
    nftables: same('no rule for the source'),
  },
  natNone: {
    key: '`nat: none`',
    haproxy: changed('full NAT: servers see HAProxy, and answer through it'),
    keepalived: same('`lvs_method DR`'),
    nftables: changed('full NAT: servers see the balancer, and answer through it'),
  },
  snatPool: {
    key: '`snatPool`: one address',
    haproxy: same('`source` of the servers'),
    keepalived: saidElsewhere(changed('in the table of nftables in the head of the file')),
    nftables: same('`snat to`'),
  },
  snatAddresses: {
    key: '`snatPool`: several addresses',
    haproxy: changed('each server has one of them, where Poolgate takes them in turn'),
    keepalived: saidElsewhere(changed('in the table of nftables in the head of the file')),
    nftables: same('`snat to`, in turn'),
  },
  snatPorts: {
    key: '`snatPorts`',
    haproxy: same('`source ADDRESS:FIRST-LAST`'),
    keepalived: saidElsewhere(changed('in the table of nftables in the head of the file')),
    nftables: same('`snat to ADDRESS:FIRST-LAST`'),
  },
  serviceLimit: {
    key: '`virtualServices[].maxConnections`',
    haproxy: same('`tcp-request connection reject if { fe_conn gt … }`'),
    keepalived: NO_TABLE,
    nftables: same('`ct count over … reject`'),
  },
  sourceConnections: {
    key: '`limits.connectionsPerSource`',
    haproxy: same('a `stick-table` with `conn_cur`, and `reject`'),
    keepalived: NO_TABLE,
    nftables: same('a set with `ct count over … reject`'),
  },
  sourceRate: {
    key: '`limits.newConnectionsPerSecondPerSource`',
    haproxy: changed('a `stick-table` with `conn_rate(1s)`: attempts that were refused count too'),
    keepalived: NO_TABLE,
    nftables: same('a set with `limit rate over … reject`'),
  },
} as const satisfies Record<string, Row>;
