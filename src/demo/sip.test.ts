import fc from 'fast-check';
import { expect, test } from 'vitest';
import { okTo, request, SipReader } from './sip.ts';

const ASKING = {
  method: 'REGISTER',
  user: 'user07',
  domain: 'contoso.com',
  transport: 'TLS',
  from: '127.0.0.1:40000',
  id: 'a1',
} as const;

test('messages are found whatever pieces they come in', () => {
  const text = Buffer.from(`\r\n\r\n${request(ASKING)}${request({ ...ASKING, method: 'OPTIONS' })}`);
  const cuts = fc.array(fc.nat(text.length), { maxLength: 20 });
  fc.assert(
    fc.property(cuts, (places) => {
      const reader = new SipReader();
      const edges = [0, ...places.sort((a, b) => a - b), text.length];
      const found = edges.flatMap((at, i) => reader.take(text.subarray(edges[i - 1] ?? 0, at)));
      const lines = found.map((message) => message.startLine).filter((line) => line !== '');
      expect(lines).toEqual(['REGISTER sip:contoso.com SIP/2.0', 'OPTIONS sip:contoso.com SIP/2.0']);
    }),
  );
});

test('a body is waited for and skipped', () => {
  const reader = new SipReader();
  const withBody = 'MESSAGE sip:a SIP/2.0\r\nContent-Length: 5\r\n\r\nhel';
  expect(reader.take(Buffer.from(withBody))).toEqual([]);
  expect(reader.take(Buffer.from(`lo${request(ASKING)}`)).map((m) => m.startLine.split(' ')[0])).toEqual([
    'MESSAGE',
    'REGISTER',
  ]);
});

test('what cannot be SIP is refused instead of kept', () => {
  expect(() => new SipReader().take(Buffer.alloc(70_000, 'x'))).toThrow(/no SIP message/);
  expect(() => new SipReader().take(Buffer.from('A B C\r\nContent-Length: -1\r\n\r\n'))).toThrow(/length/);
});

test('the answer repeats what RFC 3261 wants repeated and says who answers', () => {
  const [asked] = new SipReader().take(Buffer.from(request(ASKING)));
  const [answer] = new SipReader().take(Buffer.from(okTo(asked!, 'fe02', [['Server', 'fe02']])));
  expect(answer!.startLine).toBe('SIP/2.0 200 OK');
  for (const name of ['via', 'from', 'call-id', 'cseq']) {
    expect(answer!.headers.get(name)).toBe(asked!.headers.get(name));
  }
  expect(answer!.headers.get('to')).toBe('<sip:user07@contoso.com>;tag=fe02');
  expect(answer!.headers.get('server')).toBe('fe02');
});
