import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressBytes, macBytes } from './family.ts';
import { neighbourAnnouncement, neighbourClaim, neighbourProbe } from './ndp.ts';

const VIP = '2001:db8::40';
const MAC = '02:00:5e:00:53:01';
const mac = macBytes(MAC);
const ICMP = 14 + 40;

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

test('a probe goes from nobody to the group of the address (RFC 4862 section 5.4.2)', () => {
  const frame = neighbourProbe(mac, VIP);
  expect(hex(frame.subarray(0, 14))).toBe('3333ff00004002005e00530186dd');
  expect(hex(frame.subarray(14, 22))).toBe('6000000000183aff');
  expect(hex(frame.subarray(22, 38))).toBe('00'.repeat(16));
  expect(frame.subarray(38, 54)).toEqual(addressBytes('ff02::1:ff00:40'));
  expect(hex(frame.subarray(ICMP, ICMP + 2))).toBe('8700');
  expect(frame.subarray(ICMP + 8, ICMP + 24)).toEqual(addressBytes(VIP));
  expect(frame.length).toBe(ICMP + 24);
});

test('an announcement overrides what caches have (RFC 4861 section 7.2.6)', () => {
  const frame = neighbourAnnouncement(mac, VIP);
  expect(hex(frame.subarray(0, 6))).toBe('333300000001');
  expect(frame.subarray(22, 38)).toEqual(addressBytes(VIP));
  expect(hex(frame.subarray(ICMP, ICMP + 2))).toBe('8800');
  expect(hex(frame.subarray(ICMP + 4, ICMP + 8))).toBe('20000000');
  expect(hex(frame.subarray(ICMP + 24))).toBe('020102005e005301');
  // Source, destination, length, next header, type and flags, target, option: the words that are not zero.
  expect(hex(frame.subarray(ICMP + 2, ICMP + 4))).toBe(
    onesComplement([
      0x2001, 0x0db8, 0x0040, 0xff02, 0x0001, 0x0020, 0x003a, 0x8800, 0x2000, 0x2001, 0x0db8, 0x0040, 0x0201,
      0x0200, 0x5e00, 0x5301,
    ]),
  );
});

function onesComplement(words: readonly number[]): string {
  const sum = words.reduce((a, b) => a + b, 0);
  return (0xffff - ((sum % 0x10000) + Math.floor(sum / 0x10000))).toString(16).padStart(4, '0');
}

test('announcements and probes of others are claims', () => {
  fc.assert(
    fc.property(
      fc.ipV6().filter((a) => !/[.%]/.test(a)),
      fc.uint8Array({ minLength: 6, maxLength: 6 }),
      (address, other) => {
        const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
        const expected = { address: canonical, mac: hex(other).replace(/..(?=.)/g, '$&:') };
        expect(neighbourClaim(neighbourAnnouncement(other, address))).toEqual(expected);
        expect(neighbourClaim(neighbourProbe(other, address))).toEqual(expected);
      },
    ),
  );
});

test('what crossed a router, is damaged, or is cut is no claim (RFC 4861 section 7.1)', () => {
  const good = neighbourAnnouncement(mac, VIP);
  const hopLimit = good.slice();
  hopLimit[21] = 254;
  expect(neighbourClaim(hopLimit)).toBeNull();
  fc.assert(
    fc.property(
      fc.integer({ min: 22, max: good.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      (at, change) => {
        const damaged = good.slice();
        damaged[at] = (damaged[at] ?? 0) ^ change;
        expect(neighbourClaim(damaged)).toBeNull();
      },
    ),
  );
  for (let length = 0; length < good.length; length++)
    expect(neighbourClaim(good.subarray(0, length))).toBeNull();
});

test('a solicitation from somebody with an address is a question, no claim', () => {
  const frame = neighbourProbe(mac, VIP);
  frame[37] = 1;
  const sum = 0xffff - ((((frame[ICMP + 2] ?? 0) << 8) | (frame[ICMP + 3] ?? 0)) ^ 0xffff) - 1;
  frame[ICMP + 2] = sum >> 8;
  frame[ICMP + 3] = sum & 0xff;
  expect(neighbourClaim(frame)).toBeNull();
});

test('options without end or length do no harm; whatever comes, it is a well-formed claim or none', () => {
  const options = fc.uint8Array({ maxLength: 80 });
  fc.assert(
    fc.property(options, (tail) => {
      const claim = neighbourClaim(withOptions(tail));
      expect(claim?.address).toBe(VIP);
      expect(claim?.mac).toMatch(/^([\da-f]{2}:){5}[\da-f]{2}$/);
    }),
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (frame) => void neighbourClaim(frame)));
});

/** An advertisement with these bytes where options stand, and a right checksum. */
function withOptions(tail: Uint8Array): Uint8Array {
  const padded = tail.length % 2 === 0 ? tail : Uint8Array.from([...tail, 0]);
  const bare = neighbourAnnouncement(mac, VIP).slice(0, ICMP + 24);
  const frame = Uint8Array.from([...bare, ...padded]);
  frame[19] = 24 + padded.length;
  frame[ICMP + 2] = 0;
  frame[ICMP + 3] = 0;
  let sum = 24 + padded.length + 58;
  for (let i = 22; i < frame.length; i += 2) sum += ((frame[i] ?? 0) << 8) | (frame[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum >> 16) + (sum & 0xffff);
  const check = ~sum & 0xffff;
  frame[ICMP + 2] = check >> 8;
  frame[ICMP + 3] = check & 0xff;
  return frame;
}
