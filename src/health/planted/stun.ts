/** STUN servers that answer well, wrong, to somebody else, late, or not at all. */
import { createSocket } from 'node:dgram';
import { crc32 } from 'node:zlib';
import type { Behaviour } from './behaviour.ts';
import { nobodyByUdp, onUdp, type Plant } from './listen.ts';

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');

/** An answer as bytes: its type, the attributes, and what of the request is repeated. */
function answer(request: Buffer, type: string, attributes: string, id = request.subarray(4, 20)): Buffer {
  const body = bytes(attributes);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(body.length);
  return Buffer.concat([bytes(type), length, id, body]);
}

const XOR_MAPPED = '0020 0008 0001 a147 e112a643';
const MAPPED = '0001 0008 0001 8000 c0000201';
const XOR_MAPPED_6 = '0020 0014 0002 a147 0113a9faa5d3f179bc25f4b5bed2b9d9';

const replies = (type: string, attributes: string): Plant =>
  onUdp((request, _, send) => send(answer(request, type, attributes)));

/** With the CRC that RFC 8489 14.7 asks for, or another. */
function withFingerprint(request: Buffer, change: number): Buffer {
  const before = answer(request, '0101', XOR_MAPPED);
  before.writeUInt16BE(before.readUInt16BE(2) + 8, 2);
  const end = Buffer.alloc(8);
  end.writeUInt32BE(0x8028_0004, 0);
  end.writeUInt32BE((crc32(before) ^ 0x5354_554e ^ change) >>> 0, 4);
  return Buffer.concat([before, end]);
}

function onThirdRequest(): Plant {
  return () => {
    let asked = 0;
    return onUdp((request, _, send) => {
      asked += 1;
      if (asked === 3) send(answer(request, '0101', XOR_MAPPED));
    })();
  };
}

const fromAnotherPort: Plant = onUdp((request, from) => {
  const other = createSocket('udp4');
  other.send(answer(request, '0101', XOR_MAPPED), from.port, from.address, () => other.close());
});

const ROWS: readonly Omit<Behaviour, 'type'>[] = [
  { server: 'XOR-MAPPED-ADDRESS', plant: replies('0101', XOR_MAPPED), result: 'L7OK' },
  { server: 'XOR-MAPPED-ADDRESS of IPv6', plant: replies('0101', XOR_MAPPED_6), result: 'L7OK' },
  { server: 'MAPPED-ADDRESS alone', plant: replies('0101', MAPPED), result: 'L7OK' },
  {
    server: 'software, address, padding',
    plant: replies('0101', `8022 0005 436f74 7572 000000 ${XOR_MAPPED}`),
    result: 'L7OK',
  },
  { server: 'a fingerprint', plant: onUdp((r, _, send) => send(withFingerprint(r, 0))), result: 'L7OK' },
  {
    server: 'a wrong fingerprint',
    plant: onUdp((r, _, send) => send(withFingerprint(r, 1))),
    result: 'L7RSP',
    text: 'Malformed STUN',
  },
  { server: 'answers the third request', plant: onThirdRequest(), result: 'L7OK' },
  {
    server: 'error 500',
    plant: replies('0111', '0009 0010 00000500 536572766572204572726f72'),
    result: 'L7STS',
    text: 'Server returned 500 Server Error',
  },
  {
    server: 'error 401',
    plant: replies('0111', '0009 0004 00000401'),
    result: 'L7STS',
    text: 'Server returned 401',
  },
  { server: 'an error without a code', plant: replies('0111', ''), result: 'L7RSP' },
  { server: 'an error code out of range', plant: replies('0111', '0009 0004 00000763'), result: 'L7RSP' },
  { server: 'an error code cut short', plant: replies('0111', '0009 0002 0000 0000'), result: 'L7RSP' },
  { server: 'says nothing', plant: onUdp(() => {}), result: 'L4TOUT', text: 'Connection timed out' },
  { server: 'is not there', plant: nobodyByUdp, result: 'L4CON', text: 'Connection refused' },
  { server: 'answers from another port', plant: fromAnotherPort, result: 'L4TOUT' },
  {
    server: 'another transaction',
    plant: onUdp((r, _, send) =>
      send(answer(r, '0101', XOR_MAPPED, bytes('2112a442 000102030405060708090a0b'))),
    ),
    result: 'L7RSP',
    text: 'An answer to another request',
  },
  {
    server: 'no magic cookie',
    plant: onUdp((r, _, send) =>
      send(answer(r, '0101', XOR_MAPPED, Buffer.concat([bytes('00000000'), r.subarray(8, 20)]))),
    ),
    result: 'L7RSP',
    text: 'Not STUN',
  },
  {
    server: 'noise',
    plant: onUdp((_, __, send) => send(Buffer.from('what?'))),
    result: 'L7RSP',
    text: 'Not STUN',
  },
  { server: 'empty datagrams', plant: onUdp((_, __, send) => send(Buffer.alloc(0))), result: 'L7RSP' },
  {
    server: 'our request back',
    plant: onUdp((r, _, send) => send(r)),
    result: 'L7RSP',
    text: 'Not an answer to a Binding request',
  },
  { server: 'an indication', plant: replies('0011', XOR_MAPPED), result: 'L7RSP' },
  { server: 'no address', plant: replies('0101', ''), result: 'L7RSP', text: 'An answer without an address' },
  { server: 'an address cut short', plant: replies('0101', '0020 0004 0001 a147'), result: 'L7RSP' },
  { server: 'an attribute beyond the end', plant: replies('0101', '0020 ffff 0001 a147'), result: 'L7RSP' },
  {
    server: 'a length that is not its own',
    plant: onUdp((r, _, send) => send(Buffer.concat([answer(r, '0101', XOR_MAPPED), bytes('00000000')]))),
    result: 'L7RSP',
  },
  {
    server: 'an attribute that must be understood',
    plant: replies('0101', `7ffe 0000 ${XOR_MAPPED}`),
    result: 'L7RSP',
    text: 'Unknown attribute 0x7ffe',
  },
  {
    server: 'noise, then an answer',
    plant: onUdp((r, _, send) => {
      send(Buffer.from('what?'));
      send(answer(r, '0101', XOR_MAPPED));
    }),
    result: 'L7OK',
  },
  {
    server: 'a flood of noise',
    plant: onUdp((_, __, send) => {
      for (let i = 0; i < 500; i += 1) send(Buffer.alloc(1200, i));
    }),
    result: 'L7RSP',
  },
];

/** What is no answer is passed over, until the time is over. */
export const STUN: readonly Behaviour[] = ROWS.map((row) => ({
  type: 'stun',
  ...row,
  ...(row.result === 'L7RSP' ? { waits: true } : {}),
}));
