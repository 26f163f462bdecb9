import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arpAnnouncement, arpClaim, arpProbe } from './arp.ts';
import { macBytes } from './family.ts';

const MAC = '02:00:5e:00:53:01';
const mac = macBytes(MAC);

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

test('a probe names nobody as the sender (RFC 5227 section 2.1.1)', () => {
  const expected =
    'ffffffffffff' +
    '02005e005301' +
    '0806' +
    '0001080006040001' +
    '02005e005301' +
    '00000000' +
    '000000000000' +
    '0a000028';
  expect(hex(arpProbe(mac, '10.0.0.40'))).toBe(expected + '00'.repeat(18));
});

test('an announcement has the address as sender and as target (RFC 5227 section 2.3)', () => {
  const expected =
    'ffffffffffff' +
    '02005e005301' +
    '0806' +
    '0001080006040001' +
    '02005e005301' +
    '0a000028' +
    '000000000000' +
    '0a000028';
  expect(hex(arpAnnouncement(mac, '10.0.0.40'))).toBe(expected + '00'.repeat(18));
});

test('whoever sends from an address claims it; whoever probes for it does too', () => {
  const claim = { address: '10.0.0.40', mac: MAC };
  expect(arpClaim(arpAnnouncement(mac, '10.0.0.40'))).toEqual(claim);
  expect(arpClaim(arpProbe(mac, '10.0.0.40'))).toEqual(claim);
  const reply = arpAnnouncement(mac, '10.0.0.40');
  reply[21] = 2;
  expect(arpClaim(reply)).toEqual(claim);
  const replyFromNobody = arpProbe(mac, '10.0.0.40');
  replyFromNobody[21] = 2;
  expect(arpClaim(replyFromNobody)).toBeNull();
});

test.each([
  ['another hardware type', 15, 6],
  ['another protocol', 16, 0x86],
  ['a longer hardware address', 18, 8],
  ['another operation', 21, 8],
  ['another frame type', 13, 0x00],
])('%s is no claim', (_, at, value) => {
  const frame = arpAnnouncement(mac, '10.0.0.40');
  frame[at] = value;
  expect(arpClaim(frame)).toBeNull();
});

test('whatever comes, it is a well-formed claim or none', () => {
  const frame = fc.uint8Array({ maxLength: 120 });
  const nearly = fc.tuple(fc.nat(59), fc.nat(255), fc.nat(60)).map(([at, value, length]) => {
    const changed = arpAnnouncement(mac, '10.0.0.40');
    changed[at] = value;
    return changed.slice(0, length);
  });
  fc.assert(
    fc.property(fc.oneof(frame, nearly), (bytes) => {
      const claim = arpClaim(bytes);
      if (claim === null) return;
      expect(claim.address).toMatch(/^(\d{1,3}\.){3}\d{1,3}$/);
      expect(claim.mac).toMatch(/^([\da-f]{2}:){5}[\da-f]{2}$/);
    }),
  );
});
