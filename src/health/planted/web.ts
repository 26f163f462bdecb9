/** Web servers that answer well, wrong, late, without end, or not at all. */
import type { Behaviour } from './behaviour.ts';
import { type Certificates, NAME } from './certificates.ts';
import { blackHole, nobody, onTcp, onTls } from './listen.ts';
import { drip, endlessly, says, saysAndStays, whenAsked } from './talk.ts';

const OK = 'HTTP/1.1 200 OK\r\n';
const page = (body: string): string => `${OK}Content-Length: ${body.length}\r\n\r\n${body}`;
const chunks = (...bodies: string[]): string =>
  `${OK}Transfer-Encoding: chunked\r\n\r\n${bodies.map((b) => `${b.length.toString(16)}\r\n${b}\r\n`).join('')}`;
const ready = { expectBody: 'pool is ready' };
const NO_MATCH = 'HTTP content check did not match';
const NOT_HTTP = 'Not an answer of HTTP/1';

const HTTP: readonly Omit<Behaviour, 'type'>[] = [
  { server: '200', plant: onTcp(says(page('hello'))), result: 'L7OK', text: '200 OK' },
  { server: '204', plant: onTcp(says('HTTP/1.1 204 No Content\r\n\r\n')), result: 'L7OK' },
  { server: '301', plant: onTcp(says('HTTP/1.1 301 Moved\r\nLocation: /x\r\n\r\n')), result: 'L7OK' },
  {
    server: 'HTTP/1.0, no reason',
    plant: onTcp(says('HTTP/1.0 200\r\n\r\nhi')),
    result: 'L7OK',
    text: '200',
  },
  { server: 'bare line feeds', plant: onTcp(says('HTTP/1.1 200 OK\nA: b\n\nhi')), result: 'L7OK' },
  {
    server: '404',
    plant: onTcp(says('HTTP/1.1 404 Not Found\r\n\r\n')),
    result: 'L7STS',
    text: 'Server returned 404 Not Found',
  },
  {
    server: '500',
    plant: onTcp(says('HTTP/1.1 500 Internal Server Error\r\n\r\n')),
    result: 'L7STS',
    text: 'Server returned 500 Internal Server Error',
  },
  {
    server: '503, no reason',
    plant: onTcp(says('HTTP/1.1 503\r\n\r\n')),
    result: 'L7STS',
    text: 'Server returned 503',
  },
  {
    server: '500 with a reason that acts on terminals',
    plant: onTcp(says('HTTP/1.1 500 \u001b]0;owned\u0007\r\n\r\n')),
    result: 'L7STS',
    text: 'Server returned 500 ]0;owned',
  },
  {
    server: '401 that is wanted',
    plant: onTcp(says('HTTP/1.1 401 Unauthorized\r\n\r\n')),
    http: { expectStatus: [200, 401] },
    result: 'L7OK',
  },
  {
    server: '200 where 401 is wanted',
    plant: onTcp(says(page('x'))),
    http: { expectStatus: [401] },
    result: 'L7STS',
  },
  {
    server: 'answers to the right Host and path only',
    plant: onTcp(
      whenAsked((request, socket) => {
        const right =
          request.startsWith('GET /abs?q=1 HTTP/1.1\r\n') &&
          /^Host: ocspool\.contoso\.com:\d+\r$/m.test(request);
        socket.end(right ? page('x') : 'HTTP/1.1 404 Not Found\r\n\r\n');
      }),
    ),
    http: { path: '/abs?q=1', host: NAME },
    result: 'L7OK',
  },
  {
    server: 'body with the match',
    plant: onTcp(says(page('the pool is ready.'))),
    http: ready,
    result: 'L7OK',
  },
  {
    server: 'body without it',
    plant: onTcp(says(page('starting'))),
    http: ready,
    result: 'L7RSP',
    text: NO_MATCH,
  },
  { server: 'empty body', plant: onTcp(says(page(''))), http: ready, result: 'L7RSP' },
  {
    server: 'match across chunks',
    plant: onTcp(saysAndStays(chunks('pool is', ' rea', 'dy'))),
    http: ready,
    result: 'L7OK',
  },
  {
    server: 'chunks without it',
    plant: onTcp(saysAndStays(chunks('pool is', ''))),
    http: ready,
    result: 'L7RSP',
    text: NO_MATCH,
  },
  {
    server: 'broken chunks',
    plant: onTcp(saysAndStays(`${OK}Transfer-Encoding: chunked\r\n\r\n-1\r\nx`)),
    http: ready,
    result: 'L7RSP',
    text: 'The body is cut off or malformed',
  },
  {
    server: 'body shorter than it says',
    plant: onTcp(says(`${OK}Content-Length: 100\r\n\r\nstart`)),
    http: ready,
    result: 'L7RSP',
  },
  {
    server: 'match to the end of the connection',
    plant: onTcp(says(`${OK}\r\npool is ready`)),
    http: ready,
    result: 'L7OK',
  },
  {
    server: '500 with the match',
    plant: onTcp(says('HTTP/1.1 500 No\r\n\r\npool is ready')),
    http: ready,
    result: 'L7STS',
  },
  {
    server: '100 and then 200',
    plant: onTcp(says(`HTTP/1.1 100 Continue\r\n\r\n${page('x')}`)),
    result: 'L7OK',
  },
  {
    server: '103 and nothing else',
    plant: onTcp(saysAndStays('HTTP/1.1 103 Early Hints\r\n\r\n')),
    result: 'L7TOUT',
    text: '103 Early Hints, and no complete answer in time',
  },
  {
    server: '100 without end',
    plant: onTcp(whenAsked((_, s) => endlessly(s, 'HTTP/1.1 100 Continue\r\n\r\n'))),
    result: 'L7RSP',
  },
  { server: '101', plant: onTcp(says('HTTP/1.1 101 Switching Protocols\r\n\r\n')), result: 'L7STS' },
  { server: 'is not there', plant: nobody, result: 'L4CON' },
  { server: 'drops every packet', plant: blackHole, result: 'L4TOUT' },
  {
    server: 'closes at once',
    plant: onTcp((s) => s.end()),
    result: 'L7RSP',
    text: 'Connection closed before an answer',
  },
  {
    server: 'resets at the request',
    plant: onTcp(whenAsked((_, s) => s.resetAndDestroy())),
    result: 'L7RSP',
    text: 'Connection reset by peer',
  },
  { server: 'closes in the headers', plant: onTcp(says(`${OK}Content-Le`)), result: 'L7RSP' },
  { server: 'says nothing', plant: onTcp(() => {}), result: 'L7TOUT', text: 'No answer in time' },
  { server: 'stops in the headers', plant: onTcp(saysAndStays(`${OK}Server: x`)), result: 'L7TOUT' },
  {
    server: 'drips headers',
    plant: onTcp(whenAsked((_, s) => drip(s, OK + 'A: b\r\n'.repeat(500)))),
    result: 'L7TOUT',
  },
  {
    server: 'drips an answer fast enough',
    plant: onTcp(whenAsked((_, s) => drip(s, page('x'), 1))),
    result: 'L7OK',
  },
  {
    server: 'drips the body',
    plant: onTcp(whenAsked((_, s) => drip(s, OK + '\r\n' + 'x'.repeat(5000)))),
    http: ready,
    result: 'L7TOUT',
    text: '200 OK, and no complete answer in time',
  },
  {
    server: 'headers without end',
    plant: onTcp(whenAsked((_, s) => endlessly(s, 'X-More: and more\r\n', OK))),
    result: 'L7RSP',
    text: 'More than 16 KiB of headers',
  },
  {
    server: 'one header without end',
    plant: onTcp(whenAsked((_, s) => endlessly(s, 'x', `${OK}X: `))),
    result: 'L7RSP',
  },
  {
    server: 'line ends without end',
    plant: onTcp(whenAsked((_, s) => endlessly(s, '\r\n'))),
    result: 'L7RSP',
  },
  {
    server: 'body without end, not asked for',
    plant: onTcp(whenAsked((_, s) => endlessly(s, 'x', `${OK}\r\n`))),
    result: 'L7OK',
  },
  {
    server: 'body without end',
    plant: onTcp(whenAsked((_, s) => endlessly(s, 'x', `${OK}\r\n`))),
    http: ready,
    result: 'L7RSP',
    text: 'HTTP content check did not match in 256 KiB',
  },
  {
    server: 'chunks of a byte without end',
    plant: onTcp(whenAsked((_, s) => endlessly(s, '1\r\nx\r\n', `${OK}Transfer-Encoding: chunked\r\n\r\n`))),
    http: ready,
    result: 'L7RSP',
  },
  {
    server: 'speaks SSH',
    plant: onTcp((s) => void s.write('SSH-2.0-x\r\n')),
    result: 'L7RSP',
    text: NOT_HTTP,
  },
  {
    server: 'speaks SIP',
    plant: onTcp(says('SIP/2.0 400 Bad Request\r\n\r\n')),
    result: 'L7RSP',
    text: NOT_HTTP,
  },
  {
    server: 'speaks HTTP/2',
    plant: onTcp((s) => void s.write(Buffer.alloc(9))),
    result: 'L7RSP',
    text: NOT_HTTP,
  },
  { server: 'speaks HTTP/0.9', plant: onTcp(says('<html>hello</html>')), result: 'L7RSP', text: NOT_HTTP },
  { server: 'a status of four digits', plant: onTcp(says('HTTP/1.1 2000 OK\r\n\r\n')), result: 'L7RSP' },
  {
    server: 'a header without a colon',
    plant: onTcp(says(`${OK}what is this\r\n\r\n`)),
    result: 'L7RSP',
    text: 'Malformed headers',
  },
];

export function webBehaviours(certificates: Certificates): readonly Behaviour[] {
  const good = () => certificates.options('good');
  const needsOurs = () => ({ ...good(), requestCert: true, rejectUnauthorized: true });
  const verify = { verify: true, caFile: certificates.authority, serverName: NAME };
  const HTTPS: readonly Omit<Behaviour, 'type'>[] = [
    { server: '200', plant: onTls(good, says(page('x'))), tls: verify, result: 'L7OK' },
    { server: '500', plant: onTls(good, says('HTTP/1.1 500 No\r\n\r\n')), result: 'L7STS' },
    {
      server: 'body with the match',
      plant: onTls(good, says(`${OK}\r\npool is ready`)),
      http: ready,
      result: 'L7OK',
    },
    { server: 'says nothing after the handshake', plant: onTls(good), result: 'L7TOUT' },
    { server: 'plain text on the port', plant: onTcp(says(page('x'))), result: 'L6TOUT' },
    {
      server: 'another name',
      plant: onTls(() => certificates.options('other'), says(page('x'))),
      tls: verify,
      result: 'L6RSP',
    },
    {
      // TLS 1.3 tells a client only after the handshake that its certificate is missing (RFC 8446 4.4.2.4).
      server: 'wants a certificate of us, by TLS 1.3',
      plant: onTls(needsOurs, says(page('x'))),
      result: 'L7RSP',
    },
    {
      server: 'body without end',
      plant: onTls(
        good,
        whenAsked((_, s) => endlessly(s, 'x', `${OK}\r\n`)),
      ),
      http: ready,
      result: 'L7RSP',
    },
  ];
  return [
    ...HTTP.map((row): Behaviour => ({ type: 'http', ...row })),
    ...HTTPS.map((row): Behaviour => ({ type: 'https', ...row })),
  ];
}
