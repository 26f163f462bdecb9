/** Health checks. */
import { changed, lost, same, type Row, saidElsewhere } from './cell.ts';

const NO_CHECKS = lost('nftables asks no server whether it is there; take one that fails out by hand');
/** Of what a check asks for: the check itself is lost. */
const WITH_CHECK = saidElsewhere(NO_CHECKS);

export const CHECKS = {
  tcpCheck: {
    key: '`healthChecks`: `tcp`',
    haproxy: same(
      '`tcp-check connect`; all checks of a pool are steps of one, and other sections `track` it',
    ),
    keepalived: same('`TCP_CHECK`'),
    nftables: NO_CHECKS,
  },
  tlsCheck: {
    key: '`healthChecks`: `tls`',
    haproxy: same('`tcp-check connect … ssl`'),
    keepalived: changed('no handshake by itself: `TCP_CHECK`, which sees only that the port is open'),
    nftables: NO_CHECKS,
  },
  httpCheck: {
    key: '`healthChecks`: `http`, `https`',
    haproxy: same('`option httpchk`; beside checks of other types as text in `tcp-check send` and `expect`'),
    keepalived: same('`HTTP_GET`, `SSL_GET`'),
    nftables: NO_CHECKS,
  },
  expectBody: {
    key: '`healthChecks[].expectBody`',
    haproxy: changed('looked for in the first 16 KB of the answer (`tune.bufsize`)'),
    keepalived: same('`regex`'),
    nftables: WITH_CHECK,
  },
  httpHost: {
    key: '`healthChecks[].host`: none, so the server’s address',
    haproxy: changed('HTTP/1.0 without a Host header'),
    keepalived: same('the default of `virtualhost`'),
    nftables: WITH_CHECK,
  },
  sipCheck: {
    key: '`healthChecks`: `sip`',
    haproxy: same('OPTIONS as text in `tcp-check send-lf` and `expect`'),
    keepalived: changed('no SIP: `TCP_CHECK`, which sees only that the port is open'),
    nftables: NO_CHECKS,
  },
  sipDomain: {
    key: '`healthChecks`: `sip` without a name, so the server’s address',
    haproxy: changed('the URI has the VIP for all servers'),
    keepalived: saidElsewhere(changed('no SIP: no URI')),
    nftables: WITH_CHECK,
  },
  stunCheck: {
    key: '`healthChecks`: `stun`',
    haproxy: lost('HAProxy sends no UDP; without another check servers count as up'),
    keepalived: same('`UDP_CHECK` with a Binding request'),
    nftables: NO_CHECKS,
  },
  verify: {
    key: '`healthChecks[].verify`, `caFile`, `serverName`',
    haproxy: same('`verify required`, `ca-file`, `sni`'),
    keepalived: lost('the certificate is not verified'),
    nftables: WITH_CHECK,
  },
  verifyMixed: {
    key: '`healthChecks[].verify`, `caFile` that differ within a pool',
    haproxy: changed('they are of the server: every TLS check of the pool verifies, by the first file'),
    keepalived: saidElsewhere(lost('the certificate is not verified')),
    nftables: WITH_CHECK,
  },
  minDaysLeft: {
    key: '`healthChecks[].minDaysLeft`',
    haproxy: lost('nothing looks at the date before it has passed'),
    keepalived: lost('nothing looks at the date'),
    nftables: WITH_CHECK,
  },
  longText: {
    key: '`healthChecks[].path`, `expectBody` of more than 1,000 signs as written there',
    haproxy: lost('HAProxy reads lines of at most 2,047 bytes'),
    keepalived: lost('too long for a line of keepalived'),
    nftables: WITH_CHECK,
  },
  pace: {
    key: '`healthChecks[]`: `interval`, `fall`',
    haproxy: same('`inter`, `fall`'),
    keepalived: same('`delay_loop`, `retry`'),
    nftables: WITH_CHECK,
  },
  rise: {
    key: '`healthChecks[].rise`',
    haproxy: same('`rise`'),
    keepalived: lost('one good answer brings a server back'),
    nftables: WITH_CHECK,
  },
  paceMixed: {
    key: '`healthChecks[]`: a pace that differs within a pool',
    haproxy: changed(
      'one pace for all: the shortest interval, the longest timeout, the smallest fall, the largest rise',
    ),
    keepalived: same('each check has its own'),
    nftables: WITH_CHECK,
  },
  probeTimeout: {
    key: '`healthChecks[].timeout`',
    haproxy: changed(
      '`timeout check` bounds the answer; the connect is bounded by `timeout connect` and the interval',
    ),
    keepalived: same('`connect_timeout`'),
    nftables: WITH_CHECK,
  },
} as const satisfies Record<string, Row>;
