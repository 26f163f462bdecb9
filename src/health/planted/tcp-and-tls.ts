/** Servers on which a connection or a handshake goes well or wrong. */
import type { TlsOptions } from 'node:tls';
import type { Behaviour } from './behaviour.ts';
import { type Certificates, type Kind, NAME } from './certificates.ts';
import { blackHole, nobody, onTcp, onTls, type Plant } from './listen.ts';
import { drip, endlessly } from './talk.ts';

/** TLS alerts as they stand on the wire: fatal, and the code (RFC 5246 7.2). */
const alert = (code: number): Plant =>
  onTcp((socket) => socket.once('data', () => socket.end(Buffer.from([21, 3, 3, 0, 2, 2, code]))));

/** A ServerHello that announces 80 bytes. */
const TORN_HELLO = Buffer.concat([Buffer.from([22, 3, 3, 0, 84, 2, 0, 0, 80, 3, 3]), Buffer.alloc(70, 7)]);

export const TCP: readonly Behaviour[] = [
  { server: 'accepts', type: 'tcp', plant: onTcp(() => {}), result: 'L4OK', text: '' },
  { server: 'closes at once', type: 'tcp', plant: onTcp((s) => s.end()), result: 'L4OK' },
  { server: 'talks without end', type: 'tcp', plant: onTcp((s) => endlessly(s, 'x')), result: 'L4OK' },
  { server: 'is not there', type: 'tcp', plant: nobody, result: 'L4CON', text: 'Connection refused' },
  {
    server: 'drops every packet',
    type: 'tcp',
    plant: blackHole,
    result: 'L4TOUT',
    text: 'Connection timed out',
  },
];

export function tlsBehaviours(certificates: Certificates): readonly Behaviour[] {
  const shows = (kind: Kind, more: TlsOptions = {}): Plant =>
    onTls(() => ({ ...certificates.options(kind), ...more }));
  const verify = { verify: true, caFile: certificates.authority, serverName: NAME };
  const weak = { ciphers: 'ALL:@SECLEVEL=0', minVersion: 'TLSv1' } as const;
  const asksForName: TlsOptions = {
    SNICallback: (name, done) => (name === NAME ? done(null) : done(new Error('no such name'))),
  };
  const rows: readonly Omit<Behaviour, 'type'>[] = [
    { server: 'speaks TLS 1.3', plant: shows('good'), result: 'L6OK', text: '' },
    { server: 'speaks TLS 1.2 only', plant: shows('good', { maxVersion: 'TLSv1.2' }), result: 'L6OK' },
    { server: 'speaks TLS 1.0 only', plant: shows('good', { ...weak, maxVersion: 'TLSv1' }), result: 'L6OK' },
    { server: 'has RSA 1024 and SHA-1', plant: shows('old', weak), result: 'L6OK' },
    { server: 'is not there', plant: nobody, result: 'L4CON', text: 'Connection refused' },
    { server: 'drops every packet', plant: blackHole, result: 'L4TOUT' },
    { server: 'closes at once', plant: onTcp((s) => s.end()), result: 'L6RSP', text: /connection closed$/ },
    {
      server: 'resets at the hello',
      plant: onTcp((s) => s.once('data', () => s.resetAndDestroy())),
      result: 'L6RSP',
    },
    { server: 'closes in its hello', plant: onTcp((s) => s.end(TORN_HELLO)), result: 'L6RSP' },
    { server: 'says nothing', plant: onTcp(() => {}), result: 'L6TOUT', text: 'TLS handshake timed out' },
    { server: 'stops in its hello', plant: onTcp((s) => void s.write(TORN_HELLO)), result: 'L6TOUT' },
    { server: 'drips its hello', plant: onTcp((s) => drip(s, TORN_HELLO, 20)), result: 'L6TOUT' },
    { server: 'alerts: handshake failure', plant: alert(40), result: 'L6RSP', text: /handshake failure/ },
    { server: 'alerts: unrecognized name', plant: alert(112), result: 'L6RSP', text: /unrecognized name/ },
    { server: 'alerts: internal error', plant: alert(80), result: 'L6RSP', text: /internal error/ },
    { server: 'speaks SSH', plant: onTcp((s) => void s.write('SSH-2.0-OpenSSH_9.2\r\n')), result: 'L6RSP' },
    {
      server: 'speaks plain HTTP',
      plant: onTcp((s) => s.once('data', () => s.end('HTTP/1.1 400 Bad Request\r\n\r\n'))),
      result: 'L6RSP',
    },
    { server: 'sends zeros', plant: onTcp((s) => void s.write(Buffer.alloc(512))), result: 'L6RSP' },
    { server: 'sends zeros without end', plant: onTcp((s) => endlessly(s, '\0')), result: 'L6RSP' },
    {
      server: 'wants a certificate of us, by TLS 1.2',
      plant: shows('good', { requestCert: true, rejectUnauthorized: true, maxVersion: 'TLSv1.2' }),
      result: 'L6RSP',
    },
    {
      server: 'does not have the name that is asked for',
      plant: shows('good', asksForName),
      tls: { serverName: 'other.contoso.com' },
      result: 'L6RSP',
    },
    {
      server: 'wants its name',
      plant: shows('good', asksForName),
      tls: { serverName: NAME },
      result: 'L6OK',
    },
    { server: 'is expired, and nobody asks', plant: shows('expired'), result: 'L6OK' },
    { server: 'is trusted', plant: shows('good'), tls: verify, result: 'L6OK' },
    {
      server: 'is expired',
      plant: shows('expired'),
      tls: verify,
      result: 'L6RSP',
      text: 'Certificate refused: it has expired',
    },
    {
      server: 'is not valid yet',
      plant: shows('future'),
      tls: verify,
      result: 'L6RSP',
      text: 'Certificate refused: it is not valid yet',
    },
    {
      server: 'is another',
      plant: shows('other'),
      tls: verify,
      result: 'L6RSP',
      text: 'Certificate refused: it is not for ocspool.contoso.com, but for other.contoso.com',
    },
    {
      server: 'is self-signed',
      plant: shows('selfSigned'),
      tls: verify,
      result: 'L6RSP',
      text: 'Certificate refused: it is self-signed',
    },
    {
      server: 'is of an authority that the system does not know',
      plant: shows('good'),
      tls: { verify: true, serverName: NAME },
      result: 'L6RSP',
      text: 'Certificate refused: its issuer is not trusted',
    },
    {
      server: 'expires too soon',
      plant: shows('ending'),
      tls: { minDaysLeft: 14 },
      result: 'L6RSP',
      text: /^Certificate expires on \d{4}-\d\d-\d\d, 14 days left are wanted$/,
    },
    { server: 'expires late enough', plant: shows('good'), tls: { minDaysLeft: 14 }, result: 'L6OK' },
    {
      server: 'is expired, and days are asked for',
      plant: shows('expired'),
      tls: { minDaysLeft: 1 },
      result: 'L6RSP',
      text: /^Certificate expired on /,
    },
    {
      server: 'is good, but our file of authorities is gone',
      plant: shows('good'),
      tls: { ...verify, caFile: '/nonexistent/ca.pem' },
      result: 'SOCKERR',
      text: '/nonexistent/ca.pem is not a readable file of certificates (PEM)',
    },
  ];
  return rows.map((row) => ({ type: 'tls', ...row }));
}
