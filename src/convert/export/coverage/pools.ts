/** What is of a pool: its servers, drain, what a verdict does, the fallback. */
import { changed, harmless, lost, same, type Row, saidElsewhere } from './cell.ts';

const WRITTEN_OUT = harmless(changed('its values are written out, and it is not named'));
const NAMES = harmless(lost('names are for people; the addresses are what is used'));

export const POOLS = {
  profile: {
    key: '`profile`, `options`',
    haproxy: WRITTEN_OUT,
    keepalived: WRITTEN_OUT,
    nftables: WRITTEN_OUT,
  },
  renamed: {
    key: '`pools[].name` that another pool’s virtual service has too',
    haproxy: harmless(changed('sections share their names, and a virtual service has this one')),
    keepalived: same('pools have no names'),
    nftables: same('pools have no names'),
  },
  fqdn: {
    key: '`fqdn` of pools and servers',
    haproxy: NAMES,
    keepalived: NAMES,
    nftables: NAMES,
  },
  weight: {
    key: '`realServers[].weight`',
    haproxy: same('`weight`'),
    keepalived: same('`weight`'),
    nftables: same('so many numbers in the map'),
  },
  largeWeight: {
    key: '`realServers[].weight` above 256',
    haproxy: changed('256 is the most; all weights of the pool are scaled down'),
    keepalived: same('`weight`'),
    nftables: same('so many numbers in the map'),
  },
  serverLimit: {
    key: '`realServers[].maxConnections`',
    haproxy: changed(
      '`maxconn`; where all servers are full the connection is closed after 1 ms, and the fallback does not take it',
    ),
    keepalived: changed('`uthreshold` counts each port by itself'),
    nftables: lost('nothing counts by server'),
  },
  drain: {
    key: '`realServers[].admin: drain`, `weight: 0`',
    haproxy: same('`weight 0`'),
    keepalived: same('`weight 0`'),
    nftables: same('not in the map; open connections go on'),
  },
  drainWeight: {
    key: '`realServers[].weight` of a server in `drain`',
    haproxy: lost('the weight that it comes back with is not kept'),
    keepalived: lost('the weight that it comes back with is not kept'),
    nftables: lost('the weight that it comes back with is not kept'),
  },
  maint: {
    key: '`realServers[].admin: maint`',
    haproxy: same('`disabled`'),
    keepalived: changed('the server is left out; it stands as a comment'),
    nftables: changed('not in the map'),
  },
  drainTimeout: {
    key: '`drain.timeout`',
    haproxy: lost('a drain has no end; `shutdown sessions server` on the stats socket ends what is left'),
    keepalived: lost('a drain has no end'),
    nftables: lost('a drain has no end; `conntrack -D` ends what is left'),
  },
  keepPersistence: {
    key: '`drain.keepPersistence: false` with persistence',
    haproxy: changed('a server that is drained later goes on taking the clients that its stick table has'),
    keepalived: changed(
      '`weight 0` goes on taking persistent clients unless `net.ipv4.vs.expire_quiescent_template` is 1',
    ),
    nftables: same('a server that is taken out of the map gets nobody'),
  },
  keepsPersistence: {
    key: '`drain.keepPersistence: true` with persistence',
    haproxy: harmless(
      changed('a server of weight 0 always takes the clients that its stick table has; nothing says so'),
    ),
    keepalived: same('`weight 0` goes on taking persistent clients'),
    nftables: lost('a server that is taken out of the map gets nobody'),
  },
  onDownReset: {
    key: '`onDown: reset`',
    haproxy: same('`on-marked-down shutdown-sessions`'),
    keepalived: changed(
      'with `net.ipv4.vs.expire_nodest_conn` 1 its connections are forgotten; no end is told',
    ),
    nftables: lost('nothing has a verdict'),
  },
  onDownKeep: {
    key: '`onDown: keep`',
    haproxy: same('no `on-marked-down`'),
    keepalived: same('`inhibit_on_failure`'),
    nftables: same('nothing has a verdict'),
  },
  fallback: {
    key: '`fallback`',
    haproxy: same('a server with `backup`'),
    keepalived: same('`sorry_server`'),
    nftables: lost('nothing has a verdict, so it is never used'),
  },
  fallbackPort: {
    key: '`fallback` without a port',
    haproxy: same('a server without a port'),
    keepalived: same('`sorry_server` without a port'),
    nftables: saidElsewhere(lost('nothing has a verdict, so it is never used')),
  },
} as const satisfies Record<string, Row>;
