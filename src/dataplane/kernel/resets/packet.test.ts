import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checksum, questionPacket, resetPacket } from './packet.ts';
import { resetsFor } from './reset.ts';

const RESET = {
  from: '192.0.2.40',
  fromPort: 5061,
  to: '192.0.2.10',
  toPort: 40_000,
  sequence: 0xfffffff0,
  acknowledgement: 7,
};

function segmentOf(packet: Uint8Array): DataView {
  return new DataView(packet.buffer, 20);
}

describe('a reset', () => {
  it('over IPv4, byte by byte', () => {
    const hex = Buffer.from(resetPacket(RESET)).toString('hex');
    // The checksums, b69d and 7ba0, added up by hand.
    expect(hex).toBe('45000028000040004006b69dc0000228c000020a13c59c40fffffff000000007501400007ba00000');
  });

  it.each([
    ['IPv4', RESET, 20],
    ['IPv6', { ...RESET, from: '2001:db8::40', to: '2001:db8::10' }, 40],
  ])('over %s has checksums that add up', (_, reset, header) => {
    const packet = resetPacket(reset);
    const tcp = packet.subarray(header);
    const addresses = packet.subarray(header === 20 ? 12 : 8, header);
    expect(packet).toHaveLength(header + 20);
    expect(checksum([addresses, Uint8Array.of(0, 6, 0, 20), tcp])).toBe(0);
    expect(header === 40 || checksum([packet.subarray(0, 20)]) === 0).toBe(true);
    expect(new DataView(tcp.buffer, tcp.byteOffset).getUint32(4)).toBe(0xfffffff0);
  });

  it('goes with a question: an ACK one byte behind', () => {
    const question = segmentOf(questionPacket({ ...RESET, sequence: 0 }));
    expect([question.getUint32(4), question.getUint32(8), question.getUint8(13)]).toEqual([
      0xffffffff, 7, 0x10,
    ]);
    expect(segmentOf(resetPacket(RESET)).getUint8(13)).toBe(0x14);
  });

  it('has a checksum that no change of one byte survives', () => {
    fc.assert(
      fc.property(fc.nat(39), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const packet = resetPacket(RESET);
        packet[at] = (packet[at] ?? 0) ^ change;
        const sums = [
          checksum([packet.subarray(0, 20)]),
          checksum([packet.subarray(12, 20), Uint8Array.of(0, 6, 0, 20), packet.subarray(20)]),
        ];
        expect(sums).not.toEqual([0, 0]);
      }),
    );
  });

  it('comes to each end from the other one that it knows', () => {
    const original = {
      protocol: 'tcp',
      from: '192.0.2.10',
      fromPort: 40_000,
      to: '192.0.2.40',
      toPort: 443,
    } as const;
    const reply = {
      protocol: 'tcp',
      from: '10.0.0.41',
      fromPort: 4443,
      to: '10.0.0.44',
      toPort: 20_000,
    } as const;
    expect(resetsFor({ original, reply, clientExpects: 100, serverExpects: 200 })).toEqual({
      client: {
        from: '192.0.2.40',
        fromPort: 443,
        to: '192.0.2.10',
        toPort: 40_000,
        sequence: 100,
        acknowledgement: 200,
      },
      server: {
        from: '10.0.0.44',
        fromPort: 20_000,
        to: '10.0.0.41',
        toPort: 4443,
        sequence: 200,
        acknowledgement: 100,
      },
    });
  });
});
