import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CTA_TUPLE_ORIG,
  CTA_TUPLE_REPLY,
  encodeNumber,
  encodeTuple,
  parseEntry,
  type Tuple,
} from './entry.ts';
import { attributesOf, encodeMessage, type Message, messagesIn, nested } from './netlink.ts';
import { errorOf } from './netlink-socket.ts';
import { PortUses } from './source-ports.ts';
import { deleteRequest, dumpRequest, getRequest } from './requests.ts';

const FOUR: Tuple = { protocol: 'tcp', from: '192.0.2.10', fromPort: 40_000, to: '192.0.2.40', toPort: 5061 };
const SIX: Tuple = { protocol: 'udp', from: '2001:db8::10', fromPort: 1, to: '2001:db8::40', toPort: 65_535 };
const FOUR_BACK: Tuple = { ...FOUR, from: '10.0.0.41', to: '10.0.0.44', fromPort: 4443, toPort: 20_000 };

function entryOf(original: Tuple, reply: Tuple, ...more: Uint8Array[]): Uint8Array {
  const head = new Uint8Array(4);
  return Buffer.concat([
    head,
    encodeTuple(CTA_TUPLE_ORIG, original),
    encodeTuple(CTA_TUPLE_REPLY, reply),
    ...more,
  ]);
}

describe('an entry', () => {
  it('is read as it was written, of both families', () => {
    expect(parseEntry(entryOf(FOUR, FOUR_BACK, encodeNumber(8, 0x50010001), encodeNumber(12, 77)))).toEqual({
      id: 77,
      original: FOUR,
      reply: FOUR_BACK,
      mark: 0x50010001,
      expiresS: 0,
      tcpState: null,
      originalTraffic: null,
      replyTraffic: null,
    });
    expect(parseEntry(entryOf(SIX, SIX))?.original).toEqual(SIX);
  });

  it('without a direction, or with one that is torn, is none', () => {
    const whole = entryOf(FOUR, FOUR_BACK);
    expect(parseEntry(whole.subarray(0, 4))).toBeNull();
    for (let length = 0; length < whole.length; length += 1) {
      expect(parseEntry(whole.subarray(0, length))).toBeNull();
    }
    expect(parseEntry(Buffer.concat([new Uint8Array(4), nested(CTA_TUPLE_ORIG)]))).toBeNull();
  });
});

function walk(bytes: Uint8Array): Message[] {
  return [...messagesIn(bytes)];
}

describe('hostile bytes', () => {
  it('of any kind neither throw nor loop', () => {
    const uses = new PortUses();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const messages = walk(bytes);
        expect(messages.length).toBeLessThanOrEqual(bytes.length / 16);
        for (const message of messages) errorOf(message);
        parseEntry(bytes);
        uses.add(bytes);
        attributesOf(bytes);
      }),
    );
  });

  it('in the middle of a good entry change what is read or make it none', () => {
    const whole = entryOf(FOUR, FOUR_BACK, encodeNumber(8, 1));
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), (at, byte, cut) => {
        const bytes = Uint8Array.from(whole);
        bytes[at] = byte;
        const entry = parseEntry(bytes.subarray(0, cut));
        expect(entry?.original.fromPort ?? 0).toBeLessThanOrEqual(65_535);
      }),
    );
  });

  it('with a length of nothing or of too much end the walk', () => {
    const message = encodeMessage({ type: 1, flags: 0, sequence: 3, payload: new Uint8Array(4) });
    for (const length of [0, 1, 15, 21, 0xffffffff]) {
      const torn = Uint8Array.from([...message, ...message]);
      new DataView(torn.buffer).setUint32(20, length, true);
      expect(walk(torn)).toHaveLength(1);
    }
    expect(walk(Uint8Array.from([...message, ...message]))).toHaveLength(2);
    for (const length of [0, 3, 9]) {
      const attribute = Uint8Array.from([length, 0, 1, 0, 1, 2, 3, 4]);
      expect(attributesOf(attribute)).toBeNull();
    }
  });
});

describe('requests', () => {
  it('a delete names a tuple and the entry', () => {
    const [message] = messagesIn(deleteRequest(9, SIX, 77));
    const attributes = attributesOf(message?.payload.subarray(4) ?? new Uint8Array());
    expect(message).toMatchObject({ type: 0x102, sequence: 9 });
    expect(message?.payload[0]).toBe(10);
    expect([...(attributes?.keys() ?? [])]).toEqual([CTA_TUPLE_ORIG, 12]);
    expect([...messagesIn(deleteRequest(9, SIX, null))][0]?.payload.length).toBeGreaterThan(60);
  });

  it('a dump leaves to the kernel what is not ours', () => {
    const [message] = messagesIn(dumpRequest(1));
    const attributes = attributesOf(message?.payload.subarray(4) ?? new Uint8Array());
    expect(attributes?.get(8)).toEqual(Uint8Array.of(0x50, 0, 0, 0));
    expect(attributes?.get(21)).toEqual(Uint8Array.of(0xff, 0, 0, 0));
    expect([...messagesIn(getRequest(2, FOUR))][0]?.payload[0]).toBe(2);
  });
});
