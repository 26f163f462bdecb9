import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Btf, type Layout } from './btf.ts';
import { decode, encode } from './codec.ts';

const u16: Layout = { kind: 'int', size: 2, signed: false };
const s32: Layout = { kind: 'int', size: 4, signed: true };
const u64: Layout = { kind: 'int', size: 8, signed: false };
const pair: Layout = {
  kind: 'struct',
  size: 24,
  members: new Map<string, { offset: number; layout: Layout }>([
    ['few', { offset: 0, layout: { kind: 'array', size: 4, count: 2, of: u16 } }],
    ['signed', { offset: 4, layout: s32 }],
    ['big', { offset: 16, layout: u64 }],
  ]),
};

test('what is written is read again', () => {
  fc.assert(
    fc.property(fc.nat(65_535), fc.integer(), fc.bigInt(0n, 2n ** 64n - 1n), (few, signed, big) => {
      const value = { few: [few, 7], signed, big };
      expect(decode(pair, encode(pair, value))).toEqual(value);
    }),
  );
});

test('bytes stand where the layout says, what is not given is zero', () => {
  const bytes = encode(pair, { few: [0x0102], big: 3n });
  expect([...bytes]).toEqual([2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0]);
});

test('a member that is not there, or more values than have room, is an error', () => {
  expect(() => encode(pair, { fwe: [1] })).toThrow('no member fwe');
  expect(() => encode(pair, { few: [1, 2, 3] })).toThrow('3 values where 2 have room');
});

test('type information by chance is an error or nothing, and soon', () => {
  const header = [0x9f, 0xeb, 1, 0, 24, 0, 0, 0];
  fc.assert(
    fc.property(fc.array(fc.nat(255), { minLength: 16, maxLength: 200 }), (rest) => {
      expect(() => new Btf(Uint8Array.from([...header, ...rest])).struct('pool')).toThrow(Error);
    }),
  );
  expect(() => new Btf(Uint8Array.from([1, 2, 3, 4]))).toThrow('not BTF');
});
