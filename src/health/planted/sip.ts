/** SIP servers that answer well, wrong, late, to somebody else, or as RFC 4475 has it. */
import type { Behaviour } from './behaviour.ts';
import type { Certificates } from './certificates.ts';
import { nobody, onTcp, onTls, type Plant } from './listen.ts';
import { answerTo, headerOf } from './sip-words.ts';
import { drip, endlessly, says, saysAndStays, whenAsked } from './talk.ts';

const answers = (status: string, more: Parameters<typeof answerTo>[2] = {}): Plant =>
  onTcp(whenAsked((request, socket) => void socket.write(answerTo(request, status, more))));
const answersBy = (write: (request: string) => string | Buffer): Plant =>
  onTcp(whenAsked((request, socket) => void socket.write(write(request))));

const OTHERS = 'Only answers to other requests';

const SIP: readonly Omit<Behaviour, 'type'>[] = [
  { server: '200', plant: answers('200 OK'), result: 'L7OK', text: '200 OK' },
  { server: '405', plant: answers('405 Method Not Allowed'), result: 'L7OK', text: '405 Method Not Allowed' },
  { server: '503', plant: answers('503 Service Unavailable'), result: 'L7OK' },
  { server: '606', plant: answers('606 Not Acceptable'), result: 'L7OK' },
  {
    server: '503 where 200 is wanted',
    plant: answers('503 Service Unavailable'),
    sip: { expectStatus: [200] },
    result: 'L7STS',
    text: 'Server returned 503 Service Unavailable',
  },
  {
    server: '404 where 200 or 404 is wanted',
    plant: answers('404 Not Found'),
    sip: { expectStatus: [200, 404] },
    result: 'L7OK',
  },
  {
    server: '100 and nothing else',
    plant: answers('100 Trying'),
    result: 'L7TOUT',
    text: '100 Trying, and no final answer in time',
  },
  {
    server: '100, then 200',
    plant: answersBy((r) => answerTo(r, '100 Trying') + answerTo(r, '200 OK')),
    result: 'L7OK',
    text: '200 OK',
  },
  {
    server: '183 with a body that looks like an answer, then 486',
    plant: answersBy(
      (r) =>
        answerTo(r, '183 Session Progress', { body: answerTo(r, '200 OK') }) + answerTo(r, '486 Busy Here'),
    ),
    result: 'L7OK',
    text: '486 Busy Here',
  },
  { server: 'is not there', plant: nobody, result: 'L4CON' },
  { server: 'says nothing', plant: onTcp(() => {}), result: 'L7TOUT', text: 'No answer in time' },
  { server: 'closes at once', plant: onTcp((s) => s.end()), result: 'L7RSP' },
  {
    server: 'resets at the request',
    plant: onTcp(whenAsked((_, s) => s.resetAndDestroy())),
    result: 'L7RSP',
  },
  {
    server: 'answers a byte at a time',
    plant: onTcp(whenAsked((r, s) => drip(s, answerTo(r, '200 OK'), 1))),
    result: 'L7OK',
  },
  {
    server: 'answers too slowly',
    plant: onTcp(
      whenAsked((r, s) => drip(s, answerTo(r, '200 OK', { more: ['Subject: x'.repeat(50)] }), 20)),
    ),
    result: 'L7TOUT',
  },
  {
    server: 'stops in a header',
    plant: answersBy((r) => answerTo(r, '200 OK').slice(0, 90)),
    result: 'L7TOUT',
  },
  {
    server: 'closes in a header',
    plant: onTcp(whenAsked((r, s) => s.end(answerTo(r, '200 OK').slice(0, 90)))),
    result: 'L7RSP',
    text: 'Connection closed before a final answer',
  },
  {
    server: 'another Call-ID',
    plant: answers('200 OK', { callId: 'other@x' }),
    result: 'L7RSP',
    text: OTHERS,
    waits: true,
  },
  {
    server: 'another CSeq',
    plant: answers('200 OK', { cseq: '99 OPTIONS' }),
    result: 'L7RSP',
    text: OTHERS,
    waits: true,
  },
  {
    server: 'another method in CSeq',
    plant: answersBy((r) =>
      answerTo(r, '200 OK', { cseq: headerOf(r, 'CSeq').replace('OPTIONS', 'INVITE') }),
    ),
    result: 'L7RSP',
    text: OTHERS,
    waits: true,
  },
  {
    server: 'a CSeq that overflows',
    plant: answers('200 OK', { cseq: '36893488147419103232 OPTIONS' }),
    result: 'L7RSP',
    waits: true,
  },
  {
    server: 'another branch',
    plant: answers('200 OK', { via: 'SIP/2.0/TCP 10.0.0.9;branch=z9hG4bKx' }),
    result: 'L7RSP',
    text: OTHERS,
    waits: true,
  },
  {
    server: 'a broadcast Via (RFC 4475 3.3.10)',
    plant: answers('200 OK', { via: 'SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1saber23' }),
    result: 'L7RSP',
    waits: true,
  },
  {
    server: 'two Via in a line',
    plant: answersBy((r) =>
      answerTo(r, '200 OK', { via: `${headerOf(r, 'Via')}, SIP/2.0/TCP x;branch=z9hG4bKy` }),
    ),
    result: 'L7RSP',
    text: OTHERS,
    waits: true,
  },
  {
    server: 'two Via in two lines',
    plant: answersBy((r) => answerTo(r, '200 OK', { more: [`Via: ${headerOf(r, 'Via')}`] })),
    result: 'L7RSP',
    text: OTHERS,
    waits: true,
  },
  {
    server: 'another Call-ID, then ours',
    plant: answersBy((r) => answerTo(r, '404 No', { callId: 'x@y', body: 'abc' }) + answerTo(r, '200 OK')),
    result: 'L7OK',
    text: '200 OK',
  },
  {
    server: 'keep-alives, then 200',
    plant: answersBy((r) => `\r\n\r\n\r\n\r\n${answerTo(r, '200 OK')}`),
    result: 'L7OK',
  },
  {
    server: 'keep-alives without end',
    plant: onTcp((s) => endlessly(s, '\r\n')),
    result: 'L7RSP',
    text: 'No answer in 64 KiB',
  },
  {
    server: 'a request of its own, then 200',
    plant: answersBy((r) => `NOTIFY sip:x@y SIP/2.0\r\nl: 5\r\n\r\nhello${answerTo(r, '200 OK')}`),
    result: 'L7OK',
  },
  { server: 'our request back', plant: answersBy((r) => r), result: 'L7TOUT' },
  {
    server: 'compact, folded and oddly spelt headers (RFC 4475 3.1.1.1)',
    plant: answersBy((r) =>
      [
        'SIP/2.0 200 OK',
        `v  : ${headerOf(r, 'Via').replace(';branch', '\r\n  ; BRANCH')}`,
        `F: ${headerOf(r, 'From')}`,
        `t :${headerOf(r, 'To')};tag=1`,
        `I: ${headerOf(r, 'Call-ID')}`,
        `cSeQ:\r\n  ${headerOf(r, 'CSeq').replace(' ', '\t ')}`,
        'NewFangledHeader:   newfangled value\r\n continued newfangled value',
        'L: 0\r\n\r\n',
      ].join('\r\n'),
    ),
    result: 'L7OK',
  },
  {
    server: 'quoted commas in Via',
    plant: answersBy((r) => answerTo(r, '200 OK', { via: `${headerOf(r, 'Via')};x="a,b;branch=c"` })),
    result: 'L7OK',
  },
  {
    server: 'a reason that is no ASCII (RFC 4475 3.1.1.12)',
    plant: answersBy((r) => Buffer.from(answerTo(r, '200 = 2**3 * 5**2 но сто девяносто девять - простое'))),
    result: 'L7OK',
    text: /^200 = 2\*\*3 \* 5\*\*2 но сто/,
  },
  { server: 'an empty reason (RFC 4475 3.1.1.13)', plant: answers('100 '), result: 'L7TOUT' },
  { server: 'a final answer with an empty reason', plant: answers('200 '), result: 'L7OK', text: '200' },
  {
    server: 'a huge status (RFC 4475 3.1.2.19)',
    plant: answers('4294967301 better not break the receiver'),
    result: 'L7RSP',
    text: 'Not an answer of SIP/2.0',
  },
  { server: 'status 099', plant: answers('099 Early'), result: 'L7RSP' },
  {
    server: 'SIP/7.0 (RFC 4475 3.1.2.16)',
    plant: answersBy((r) => answerTo(r, '200 OK').replace('SIP/2.0', 'SIP/7.0')),
    result: 'L7RSP',
  },
  {
    server: 'a negative Content-Length (RFC 4475 3.1.2.3)',
    plant: answers('200 OK', { length: '-999' }),
    result: 'L7RSP',
    text: 'Malformed Content-Length',
  },
  { server: 'two Content-Length', plant: answers('200 OK', { more: ['l: 7'] }), result: 'L7RSP' },
  {
    server: 'a body that never comes',
    plant: answers('180 Ringing', { length: '999999999' }),
    result: 'L7TOUT',
  },
  {
    server: 'a body without end',
    plant: onTcp(whenAsked((r, s) => endlessly(s, 'x', answerTo(r, '180 Ringing', { length: '999999999' })))),
    result: 'L7RSP',
  },
  {
    server: 'headers without end',
    plant: onTcp(whenAsked((_, s) => endlessly(s, 'X: y\r\n', 'SIP/2.0 200 OK\r\n'))),
    result: 'L7RSP',
    text: 'More than 16 KiB of headers',
  },
  {
    server: 'one header without end',
    plant: onTcp(whenAsked((_, s) => endlessly(s, 'x', 'SIP/2.0 200 OK\r\nSubject: '))),
    result: 'L7RSP',
  },
  {
    server: 'a header without a colon',
    plant: answers('200 OK', { more: ['what is this'] }),
    result: 'L7RSP',
    text: 'Malformed headers',
  },
  {
    server: 'speaks HTTP',
    plant: onTcp(says('HTTP/1.1 400 Bad Request\r\n\r\n')),
    result: 'L7RSP',
    text: 'Not an answer of SIP/2.0',
  },
  {
    server: 'speaks SMTP',
    plant: onTcp((s) => void s.write('220 mail.contoso.com ESMTP\r\n')),
    result: 'L7RSP',
  },
  {
    server: 'noise',
    plant: onTcp(saysAndStays(Buffer.from('\u0000\u00ff\n'.repeat(40), 'latin1'))),
    result: 'L7RSP',
  },
];

export function sipBehaviours(certificates: Certificates): readonly Behaviour[] {
  const good = () => certificates.options('good');
  const overTls: readonly Omit<Behaviour, 'type'>[] = [
    {
      server: '200 by TLS, and our Via says so',
      plant: onTls(
        good,
        whenAsked(
          (r, s) => void s.write(answerTo(r, /^Via: SIP\/2\.0\/TLS /m.test(r) ? '200 OK' : '400 No')),
        ),
      ),
      sip: { expectStatus: [200] },
      result: 'L7OK',
    },
    {
      server: 'plain SIP on the port of TLS',
      plant: onTcp((s) => s.once('data', () => s.end('SIP/2.0 400 No\r\n\r\n'))),
      result: 'L6RSP',
    },
    { server: 'nothing after the handshake', plant: onTls(good), result: 'L7TOUT' },
    { server: 'ends after the handshake', plant: onTls(good, (s) => s.end()), result: 'L7RSP' },
  ];
  return [
    ...SIP.map((row): Behaviour => ({ type: 'sip', ...row })),
    ...overTls.map((row): Behaviour => ({ type: 'sip', tls: {}, ...row })),
  ];
}
