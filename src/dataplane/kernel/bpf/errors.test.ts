import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { reasonNotToRun, VIP, VIP6 } from './test-balancer.ts';
import {
  CLIENT,
  CLIENT6,
  DROPPED,
  PASSED,
  SENT_ON,
  SERVER,
  SERVER6,
  SOURCE,
  SOURCE6,
  TestNetwork,
  TRANSLATED,
} from './test-network.ts';
import { icmp, type IcmpWishes, packet, type PacketWishes } from './test-packets.ts';
import { quoted, word } from './test-reading.ts';

const reason = reasonNotToRun();
if (reason !== null) process.stderr.write(`SKIPPED, ICMP errors of the short way: ${reason}\n`);

const FAMILIES = [
  {
    family: 'IPv4',
    client: CLIENT,
    vip: VIP,
    server: SERVER,
    source: SOURCE,
    router: '203.0.113.99',
    tooLarge: [3, 4],
    unreachable: [3, 3],
    others: [
      [11, 0],
      [12, 0],
    ],
    /** Echo request, redirect, source quench. */
    none: [
      [8, 0],
      [5, 1],
      [4, 0],
    ],
  },
  {
    family: 'IPv6',
    client: CLIENT6,
    vip: VIP6,
    server: SERVER6,
    source: SOURCE6,
    router: '2001:db8:2::99',
    tooLarge: [2, 0],
    unreachable: [1, 4],
    others: [
      [3, 0],
      [4, 1],
    ],
    /** Echo request, redirect, neighbour solicitation. */
    none: [
      [128, 0],
      [137, 0],
      [135, 0],
    ],
  },
] as const;

describe.runIf(reason === null).each(FAMILIES)('ICMP errors about the short way, $family', (family) => {
  const { client, vip, server, source, router } = family;
  let net: TestNetwork;
  beforeAll(() => {
    net = new TestNetwork();
  });
  beforeEach(() => begin());

  const up = { from: [client, 40_000], to: [vip, 5061] } as const;
  const down = { from: [server, 5061], to: [source, 2000] } as const;
  /** What the balancer sent: to the server, and to the client. */
  const toServer = { from: [source, 2000], to: [server, 5061], seq: 101, ack: 901, payload: 1000 } as const;
  const toClient = { from: [vip, 5061], to: [client, 40_000], seq: 901, ack: 101, payload: 1000 } as const;
  const [type, code] = family.tooLarge;

  function begin(half = false): void {
    net.begin([server], {}, half ? [] : [{ address: source, first: 2000, last: 2999 }]);
    net.up({ ...up, flags: 'SYN', seq: 100 });
    const back = half ? ([client, 40_000] as const) : down.to;
    net.down({ ...down, to: back, flags: 'SYN ACK', seq: 900, ack: 101 });
    net.up({ ...up, seq: 101, ack: 901 });
  }

  /** An error by that router about a packet, of which it quotes so many bytes. */
  function tell(
    about: PacketWishes,
    over: Partial<IcmpWishes> = {},
    size = family.family === 'IPv4' ? 200 : 600,
  ) {
    const quote = packet(about).subarray(14, 14 + size);
    const bytes = icmp({ from: router, to: about.from[0], type, code, rest: 1300, quote, ...over });
    const fromServers = about.from[0] !== vip;
    return { bytes, ...net.arrive(bytes, { interface: fromServers ? net.servers : net.clients }) };
  }

  /** The first bytes of the packet that it quotes, as its sender sent it. */
  function expectQuote(answer: ReturnType<typeof tell>, sent: PacketWishes): void {
    const quote = answer.seen.body.slice(8);
    expect(quote).toEqual(Array.from(packet(sent).slice(14, 14 + quote.length)));
  }

  test('from behind us: the client is told, as by the VIP, of its own packet', () => {
    const answer = tell(toServer);
    expect(answer).toMatchObject({ returned: SENT_ON, mark: TRANSLATED });
    expect(answer.seen).toMatchObject({ from: vip, to: client, hops: 63, right: true });
    expect([word(answer.seen.body, 0), word(answer.seen.body, 6)]).toEqual([(type << 8) | code, 1300]);
    expect(quoted(answer.seen)).toMatchObject({ from: `${client} 40000`, to: `${vip} 5061` });
    expectQuote(answer, { ...toServer, ...up });
    expect(net.balancer.active(1)).toEqual([1]);
  });

  test('from before us: the server is told, as by the source, of its own packet', () => {
    const answer = tell(toClient);
    expect(answer).toMatchObject({ returned: SENT_ON, mark: TRANSLATED });
    expect(answer.seen).toMatchObject({ from: source, to: server, hops: 63, right: true });
    expectQuote(answer, { ...toClient, ...down });
  });

  test('half-NAT: the server is told by whoever said it', () => {
    begin(true);
    const answer = tell(toClient);
    expect(answer.seen).toMatchObject({ from: router, to: server, right: true });
    expectQuote(answer, { ...toClient, from: [server, 5061], to: [client, 40_000] });
    const other = tell({ ...toServer, from: [client, 40_000] });
    expect(other.seen).toMatchObject({ from: vip, to: client, right: true });
    expectQuote(other, { ...toServer, ...up });
  });

  test('by the server itself, and of every kind', () => {
    for (const [kind, why] of [family.unreachable, ...family.others]) {
      const answer = tell(toServer, { from: server, type: kind, code: why, rest: 0 });
      expect(answer.seen).toMatchObject({ from: vip, to: client, right: true });
      expectQuote(answer, { ...toServer, ...up });
    }
    expect(net.balancer.active(1)).toEqual([1]);
  });

  test('however much it quotes, from the ports and the sequence number on', () => {
    const headers = family.family === 'IPv4' ? 20 : 40;
    for (const size of [headers + 8, headers + 16, headers + 18, headers + 20, headers + 21]) {
      const answer = tell(toServer, {}, size);
      expect([size, answer.returned, answer.seen.to, answer.seen.right]).toEqual([
        size,
        SENT_ON,
        client,
        true,
      ]);
      expect(quoted(answer.seen)).toMatchObject({ from: `${client} 40000`, to: `${vip} 5061` });
    }
    for (const size of [headers + 7, headers, 8, 0]) {
      const answer = tell(toServer, {}, size);
      expect([size, answer.returned, answer.data]).toEqual([size, PASSED, answer.bytes]);
    }
  });

  test('the first SYN', () => {
    net.begin([server], {}, [{ address: source, first: 2000, last: 2999 }]);
    net.up({ ...up, flags: 'SYN', seq: 100 });
    expect(tell({ ...toServer, flags: 'SYN', seq: 100, payload: 0 }).seen).toMatchObject({
      to: client,
      right: true,
    });
    expect(tell(toClient).returned).toBe(PASSED);
  });

  test('of another number, another port, another end, or no error: passed on as it is', () => {
    const strange: [PacketWishes, Partial<IcmpWishes>][] = [
      [{ ...toServer, seq: 0x40000000 }, {}],
      [{ ...toClient, seq: 0x40000000 }, {}],
      [{ ...toServer, from: [source, 2001] }, {}],
      [{ ...toServer, to: [server, 5062] }, {}],
      [{ ...toClient, to: [client, 40_001] }, {}],
      [{ ...toServer, protocol: 'udp' }, {}],
      [toServer, { to: vip }],
      ...family.none.map(([kind, why]): [PacketWishes, Partial<IcmpWishes>] => [
        toServer,
        { type: kind, code: why },
      ]),
    ];
    for (const [about, over] of strange) {
      const answer = tell(about, over);
      expect([about, over, answer.returned, answer.mark]).toEqual([about, over, PASSED, 0]);
      expect(answer.data).toEqual(answer.bytes);
    }
    expect(net.balancer.active(1)).toEqual([1]);
  });

  test('of a connection that ran out of time it is this machine’s', () => {
    net.balancer.setService({ shortWay: true, sources: 1, idleNs: 1n });
    expect(net.balancer.sweep()).toMatchObject({ expired: 1n });
    expect(tell(toServer).returned).toBe(PASSED);
  });

  test('without a hop left it is dropped, for nobody is told of errors by errors', () => {
    expect(tell(toServer, { hops: 1 }).returned).toBe(DROPPED);
  });
});
