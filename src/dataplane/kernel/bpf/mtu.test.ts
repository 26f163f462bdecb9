import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { reasonNotToRun, VIP, VIP6 } from './test-balancer.ts';
import {
  CLIENT,
  CLIENT6,
  DROPPED,
  SENT_ON,
  SERVER,
  SERVER6,
  SOURCE,
  SOURCE6,
  TestNetwork,
  TRANSLATED,
} from './test-network.ts';
import { mssOption, packet, type PacketWishes } from './test-packets.ts';
import { quoted, word } from './test-reading.ts';

const reason = reasonNotToRun();
if (reason !== null) process.stderr.write(`SKIPPED, what is too large for the short way: ${reason}\n`);

const FAMILIES = [
  {
    family: 'IPv4',
    client: CLIENT,
    vip: VIP,
    server: SERVER,
    source: SOURCE,
    headers: 40,
    /** Type and code of too large, and of no hop left. */
    tooLarge: 0x0304,
    noHop: 0x0b00,
    quote: 512,
  },
  {
    family: 'IPv6',
    client: CLIENT6,
    vip: VIP6,
    server: SERVER6,
    source: SOURCE6,
    headers: 60,
    tooLarge: 0x0200,
    noHop: 0x0300,
    quote: 1232,
  },
];

/** The MSS that a packet says after so many bytes of other options; 0: none. */
function mssOf(body: readonly number[], before = 0): number {
  return body[20 + before] === 2 ? word(body, 22 + before) : 0;
}

describe.runIf(reason === null).each(FAMILIES)('what is too large for the short way, $family', (family) => {
  const { client, vip, server, source, headers } = family;
  let net: TestNetwork;
  beforeAll(() => {
    net = new TestNetwork();
  });
  beforeEach(() => {
    net.setMtu('clients', 1500);
    net.setMtu('servers', 1400);
    net.begin([server], {}, [{ address: source, first: 2000, last: 2999 }]);
    open();
  });

  const up = { from: [client, 1], to: [vip, 5061] } as const;
  const down = { from: [server, 5061], to: [source, 2000] } as const;

  function open(tcpOptions?: number[]) {
    return net.up({ ...up, flags: 'SYN', seq: 100, ...(tcpOptions ? { tcpOptions } : {}) });
  }

  test('a SYN and its answer say an MSS that the smaller of both ways takes', () => {
    const first = open(mssOption(1460));
    expect(first).toMatchObject({ returned: SENT_ON, seen: { right: true } });
    expect(mssOf(first.seen.body)).toBe(1400 - headers);
    const answer = net.down({ ...down, flags: 'SYN ACK', seq: 900, ack: 101, tcpOptions: mssOption(8960) });
    expect(mssOf(answer.seen.body)).toBe(1400 - headers);
    expect(answer.seen.right).toBe(true);
  });

  test('also behind other options, at an even and at an odd place', () => {
    for (const before of [1, 2, 3, 4, 35]) {
      const { seen } = open(mssOption(1460, before));
      expect([before, mssOf(seen.body, before), seen.right]).toEqual([before, 1400 - headers, true]);
    }
    const timestamps = [8, 10, 0, 0, 0, 1, 0, 0, 0, 0];
    const { seen } = open([...timestamps, ...mssOption(1460), 1, 0]);
    expect([mssOf(seen.body, 10), seen.right]).toEqual([1400 - headers, true]);
  });

  test('a smaller one, none, and what is broken stay as they are', () => {
    for (const options of [
      mssOption(536),
      mssOption(1400 - headers),
      [1, 1, 1, 1],
      [0, 0, 0, 0, ...mssOption(1460)],
      [2, 3, 5, 180],
      [9, 0, ...mssOption(1460), 0, 0],
      [9, 40, ...mssOption(1460), 0, 0],
      [1, 1, 2, 4],
    ]) {
      const { seen, returned } = open(options);
      expect(returned).toBe(SENT_ON);
      expect(seen.body.slice(20)).toEqual(options);
      expect(seen.right).toBe(true);
    }
  });

  test('only of packets with SYN', () => {
    const { seen } = net.up({ ...up, flags: 'ACK', seq: 101, ack: 1, tcpOptions: mssOption(1460) });
    expect(mssOf(seen.body)).toBe(1460);
  });

  /** That the message tells the sender of this packet of this MTU, and shows it the packet. */
  function expectAnswer(
    answer: ReturnType<TestNetwork['up']>,
    sent: PacketWishes,
    [type, mtu]: readonly [number, number],
  ): void {
    const was = packet(sent);
    const [from, to] = [sent.to[0], sent.from[0]];
    expect(answer).toMatchObject({
      returned: SENT_ON,
      mark: TRANSLATED,
      seen: { from, to, hops: 64, right: true },
    });
    expect(Array.from(answer.data.slice(0, 12))).toEqual([...was.slice(6, 12), ...was.slice(0, 6)]);
    expect([word(answer.seen.body, 0), word(answer.seen.body, 6)]).toEqual([type, mtu]);
    const quote = answer.seen.body.slice(8);
    expect(quote).toEqual(Array.from(was.slice(14, 14 + quote.length)));
    expect(quote).toHaveLength(Math.min(family.quote, (was.length - 14) & ~3));
    expect(quoted(answer.seen)).toMatchObject({ from: sent.from.join(' '), to: sent.to.join(' ') });
  }

  test('a packet that the way out does not take whole: its sender is told, as of the address that it sent to', () => {
    const payload = 1401 - headers;
    const large = { ...up, seq: 101, ack: 1, payload, whole: true };
    expect(net.up({ ...large, payload: payload - 1 })).toMatchObject({
      seen: { to: `${server} 5061`, right: true },
    });
    expectAnswer(net.up(large), large, [family.tooLarge, 1400]);
    expectAnswer(net.up({ ...large, whole: false }), { ...large, whole: false }, [family.tooLarge, 1400]);
    net.setMtu('clients', 1300);
    net.up({ ...up, from: [client, 2], flags: 'SYN', seq: 100 });
    const back = { ...down, to: [source, 2001] as const, seq: 900, ack: 101, payload: 1301 - headers };
    expectAnswer(net.down(back), back, [family.tooLarge, 1300]);
  });

  test('what is larger than the smaller way, but goes out by the other one', () => {
    const { seen, returned } = net.down({
      ...down,
      flags: 'SYN ACK',
      seq: 900,
      ack: 101,
      payload: 1500 - headers,
    });
    expect(returned).toBe(SENT_ON);
    expect(seen).toMatchObject({ to: `${client} 1`, right: true });
  });

  test('several packets that came together count each by itself', () => {
    const large = { ...up, seq: 101, ack: 1, payload: 2800 };
    const fits = net.up(large, { gsoSize: 1400 - headers });
    expect(fits).toMatchObject({ returned: SENT_ON, seen: { to: `${server} 5061` } });
    expectAnswer(net.up(large, { gsoSize: 1401 - headers }), large, [family.tooLarge, 1400]);
  });

  test('a packet without a hop left', () => {
    const last = { ...up, seq: 101, ack: 1, payload: 10, hops: 1 };
    expectAnswer(net.up(last), last, [family.noHop, 0]);
    const options = { ...last, options: 4, extensions: [60] };
    expect(net.up(options)).toMatchObject({
      returned: SENT_ON,
      seen: { from: vip, to: client, right: true },
    });
  });

  test('not more is answered than a pace allows', () => {
    const large = packet({ ...up, seq: 101, ack: 1, payload: 1500 });
    const arrival = { interface: net.clients };
    const answers = Array.from(
      { length: 1000 },
      () => net.balancer.arrive('from_clients', large, arrival).returned,
    );
    expect(answers.filter((returned) => returned === SENT_ON).length).toBeGreaterThan(49);
    expect(answers).toContain(DROPPED);
  });
});
