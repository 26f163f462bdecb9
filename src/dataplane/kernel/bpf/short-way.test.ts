import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Value } from './codec.ts';
import { REFUSED, reasonNotToRun, VIP, VIP6 } from './test-balancer.ts';
import {
  CLIENT,
  CLIENT6,
  PASSED,
  SENT_ON,
  SERVER,
  SERVER6,
  SOURCE,
  SOURCE6,
  TestNetwork,
  TRANSLATED,
} from './test-network.ts';
import { addressWords, networkPort, packet } from './test-packets.ts';

const reason = reasonNotToRun();
if (reason !== null) process.stderr.write(`SKIPPED, the short way: ${reason}\n`);

const OTHER_SERVER = '203.0.113.52';
const OTHER_SOURCE = '203.0.113.45';
const SECOND = 1_000_000_000n;
/** Bits of a connection's state, as in bpf/maps.h. */
const SHORT = 4096;

describe.runIf(reason === null)('the short way', () => {
  let net: TestNetwork;
  beforeAll(() => {
    net = new TestNetwork();
  });
  beforeEach(() => {
    net.stand();
    full();
  });

  /** Full-NAT from one address whose ports are these. */
  function full(first = 2000, last = 2999, servers = [SERVER]): void {
    net.begin(servers, {}, [{ address: SOURCE, first, last }]);
  }

  const syn = (port: number, seq = 100) =>
    net.up({ from: [CLIENT, port], to: [VIP, 5061], flags: 'SYN', seq });
  const shortages = () =>
    (net.balancer.program.maps.pool_states.get(0) as { source_shortages: bigint[] }).source_shortages.slice(
      0,
      2,
    );
  const ways = () => net.balancer.program.maps.ways.keys().length;

  /** From both ends, up to both FINs acknowledged unless `unacknowledged`. */
  function closeBoth(port: number, sourcePort: number, acknowledged = true): void {
    const up = { from: [CLIENT, port], to: [VIP, 5061] } as const;
    const down = { from: [SERVER, 5061], to: [SOURCE, sourcePort] } as const;
    net.down({ ...down, flags: 'SYN ACK', seq: 900, ack: 101 });
    net.up({ ...up, flags: 'ACK', seq: 101, ack: 901 });
    net.up({ ...up, flags: 'FIN ACK', seq: 101, ack: 901 });
    net.down({ ...down, flags: 'FIN ACK', seq: 901, ack: 102 });
    if (acknowledged) net.up({ ...up, flags: 'ACK', seq: 102, ack: 902 });
  }

  test('full-NAT: SYN, answer and data have the other ends, one hop less and right checksums', () => {
    const first = syn(40_000);
    expect(first).toMatchObject({ returned: SENT_ON, mark: TRANSLATED });
    expect(first.seen).toMatchObject({ from: `${SOURCE} 2000`, to: `${SERVER} 5061`, hops: 63, right: true });
    const answer = {
      from: [SERVER, 5061],
      to: [SOURCE, 2000],
      flags: 'SYN ACK',
      seq: 900,
      ack: 101,
    } as const;
    expect(net.down(answer).seen).toMatchObject({
      from: `${VIP} 5061`,
      to: `${CLIENT} 40000`,
      hops: 63,
      right: true,
    });
    const data = net.up({ from: [CLIENT, 40_000], to: [VIP, 5061], seq: 101, ack: 901, payload: 33 });
    expect(data).toMatchObject({ returned: SENT_ON, seen: { from: `${SOURCE} 2000`, right: true } });
    const options = net.up({ from: [CLIENT, 40_000], to: [VIP, 5061], seq: 134, ack: 901, options: 8 });
    expect(options).toMatchObject({
      returned: SENT_ON,
      seen: { from: `${SOURCE} 2000`, hops: 63, right: true },
    });
  });

  test('full-NAT, IPv6', () => {
    net.begin([SERVER6], {}, [{ address: SOURCE6, first: 2000, last: 2999 }]);
    const up = { from: [CLIENT6, 40_000], to: [VIP6, 5061] } as const;
    const first = net.up({ ...up, flags: 'SYN', seq: 100 });
    expect(first).toMatchObject({ returned: SENT_ON, mark: TRANSLATED });
    expect(first.seen).toMatchObject({
      from: `${SOURCE6} 2000`,
      to: `${SERVER6} 5061`,
      hops: 63,
      right: true,
    });
    const answer = net.down({
      from: [SERVER6, 5061],
      to: [SOURCE6, 2000],
      flags: 'SYN ACK',
      seq: 900,
      ack: 101,
    });
    expect(answer.seen).toMatchObject({
      from: `${VIP6} 5061`,
      to: `${CLIENT6} 40000`,
      hops: 63,
      right: true,
    });
    const extended = net.up({ ...up, seq: 101, ack: 901, payload: 5, extensions: [60] });
    expect(extended.returned).toBe(SENT_ON);
    expect(extended.data.slice(22, 38)).toEqual(packet({ from: [SOURCE6, 1], to: [VIP6, 1] }).slice(22, 38));
  });

  test('half-NAT: the client keeps address and port', () => {
    net.begin([SERVER], {});
    expect(syn(40_000).seen).toMatchObject({ from: `${CLIENT} 40000`, to: `${SERVER} 5061`, right: true });
    const answer = net.down({
      from: [SERVER, 5061],
      to: [CLIENT, 40_000],
      flags: 'SYN ACK',
      seq: 900,
      ack: 101,
    });
    expect(answer.seen).toMatchObject({ from: `${VIP} 5061`, to: `${CLIENT} 40000`, right: true });
  });

  test('half-NAT: the same port at another port of the VIP that leads to the same one gets another', () => {
    net.begin([SERVER], {});
    const ranges = [5061, 443].map((port) => ({ first: port, last: port, service: 0, mapped: port }));
    net.balancer.program.maps.vips.set(
      { vip: addressWords(VIP), protocol: 6 },
      { count: 2, ranges: ranges.toReversed() },
    );
    for (const range of [5061, 443]) {
      net.balancer.program.maps.mapped_targets.set(
        { range, server: 0, offset: 0 },
        { number: 7, port: 8443 },
      );
    }
    expect(syn(40_000).seen).toMatchObject({ from: `${CLIENT} 40000`, to: `${SERVER} 8443`, right: true });
    const second = net.up({ from: [CLIENT, 40_000], to: [VIP, 443], flags: 'SYN', seq: 1 });
    expect(second).toMatchObject({ returned: SENT_ON, seen: { to: `${SERVER} 8443`, right: true } });
    expect(second.seen.from).not.toBe(`${CLIENT} 40000`);
    const port = Number(second.seen.from.split(' ')[1]);
    const answers = [40_000, port].map((to) =>
      net.down({ from: [SERVER, 8443], to: [CLIENT, to], flags: 'SYN ACK' }),
    );
    expect(answers.map(({ seen }) => seen.from)).toEqual([`${VIP} 5061`, `${VIP} 443`]);
    expect(answers.map(({ seen }) => seen.to)).toEqual([`${CLIENT} 40000`, `${CLIENT} 40000`]);
    net.balancer.program.maps.vips.set(
      { vip: addressWords(VIP), protocol: 6 },
      { count: 1, ranges: [{ first: 5061, last: 5061, service: 0 }] },
    );
  });

  test('a SYN that is sent again goes where the first one went', () => {
    const [first, again] = [syn(1), syn(1)];
    expect(again.seen.from).toBe(first.seen.from);
    expect(ways()).toBe(1);
  });

  for (const nat of ['full', 'half']) {
    test(`the same SYNs on several CPUs, ${nat}-NAT: each connection has one way, and no port is lost`, async () => {
      if (nat === 'half') net.begin([SERVER, OTHER_SERVER], {});
      else full(2000, 2999, [SERVER, OTHER_SERVER]);
      const syns = Array.from({ length: 300 }, (_, i) => ({ from: [CLIENT, i + 1] as const, flags: 'SYN' }));
      await net.balancer.fromSeveralCpus([syns, syns, syns], { interface: net.clients });
      expect(net.balancer.active(2)).toEqual([150, 150]);
      const { connections, ways: table } = net.balancer.program.maps;
      const taken = connections.keys().map((key) => connections.get(key) as { way: Value; state: number });
      expect(taken).toHaveLength(300);
      for (const { way, state } of taken) {
        expect(state & SHORT).toBe(SHORT);
        expect(table.get(way)).not.toBeNull();
      }
      expect(ways()).toBe(300);
    });
  }

  test('addresses of the pool in their turn; one without a free port leaves it to the other', () => {
    net.begin([SERVER], {}, [
      { address: SOURCE, first: 2000, last: 2000 },
      { address: OTHER_SOURCE, first: 3000, last: 3002 },
    ]);
    const sources = [1, 2, 3, 4].map((port) => syn(port).seen.from);
    expect(sources[0]).toBe(`${SOURCE} 2000`);
    expect(new Set(sources.slice(1))).toEqual(
      new Set([3000, 3001, 3002].map((port) => `${OTHER_SOURCE} ${port}`)),
    );
  });

  test('no port left: refused, counted, and nothing is held', () => {
    full(2000, 2001);
    expect([syn(1).returned, syn(2).returned]).toEqual([SENT_ON, SENT_ON]);
    expect(syn(3)).toMatchObject({ returned: PASSED, mark: REFUSED });
    expect(net.balancer.portCounters()).toMatchObject({ refused: 1n, active: 2n, total: 2n });
    expect(shortages()).toEqual([1n, 0n]);
    expect(net.balancer.active(1)).toEqual([2]);
    expect(ways()).toBe(2);
  });

  test('no port left towards a server: another one takes the connection', () => {
    full(2000, 2000, [SERVER, OTHER_SERVER]);
    net.balancer.setServers([{ address: SERVER, weight: 100 }, { address: OTHER_SERVER }]);
    expect([syn(1).seen.to, syn(2).seen.to]).toEqual([`${SERVER} 5061`, `${OTHER_SERVER} 5061`]);
    expect(syn(3)).toMatchObject({ returned: PASSED, mark: REFUSED });
    expect(net.balancer.active(2)).toEqual([1, 1]);
    expect(ways()).toBe(2);
  });

  test('the same source port at each server', () => {
    full(2000, 2000, [SERVER, OTHER_SERVER]);
    expect([syn(1).seen, syn(2).seen].map(({ from, to }) => [from, to])).toEqual([
      [`${SOURCE} 2000`, `${SERVER} 5061`],
      [`${SOURCE} 2000`, `${OTHER_SERVER} 5061`],
    ]);
  });

  test('a route by an interface where our programs are not: the long way', () => {
    net.stand([net.clients]);
    expect(syn(1)).toMatchObject({ returned: PASSED, mark: 0x50000000 | (1 << 16) | 100 });
    expect(ways()).toBe(0);
  });

  test('datagrams go the long way', () => {
    const udp = net.up({ from: [CLIENT, 1], to: [VIP, 3478], protocol: 'udp' });
    expect(udp).toMatchObject({ returned: PASSED, mark: 0x50000000 | (1 << 16) | 100 });
  });

  test('to another address on the link it is none of ours', () => {
    const strange = (flags: string) => {
      const bytes = packet({ from: [CLIENT, 1], to: [VIP, 5061], flags });
      bytes[5] = 9;
      return net.arrive(bytes, { interface: net.clients });
    };
    expect(strange('SYN').returned).toBe(PASSED);
    expect(ways()).toBe(0);
    syn(2);
    const bytes = packet({ from: [CLIENT, 2], to: [VIP, 5061] });
    bytes[5] = 9;
    expect(net.arrive(bytes, { interface: net.clients })).toMatchObject({ returned: PASSED, mark: 0 });
  });

  test('the program at the way out takes the mark away and looks no further', () => {
    syn(1);
    const bytes = packet({ from: [VIP, 5061], to: [CLIENT, 1], flags: 'RST', seq: 0 });
    const out = net.balancer.arrive('to_clients', bytes, { interface: net.clients, mark: TRANSLATED });
    expect(out).toMatchObject({ returned: PASSED, mark: 0, data: bytes });
    expect(net.balancer.active(1)).toEqual([1]);
  });

  test('a reset reaches the other end and ends it', () => {
    syn(1);
    const refused = net.down({ from: [SERVER, 5061], to: [SOURCE, 2000], flags: 'RST ACK', ack: 101 });
    expect(refused).toMatchObject({ returned: SENT_ON, seen: { to: `${CLIENT} 1`, right: true } });
    expect(net.balancer.active(1)).toEqual([0]);
  });

  test('what expired or was ended by somebody’s word is this machine’s to refuse, from both ends', () => {
    net.begin([SERVER], { idleNs: 1n }, [{ address: SOURCE, first: 2000, last: 2000 }]);
    syn(1);
    expect(net.balancer.sweep()).toMatchObject({ expired: 1n });
    expect(net.up({ from: [CLIENT, 1], to: [VIP, 5061] })).toMatchObject({ returned: PASSED, mark: 0 });
    expect(net.down({ from: [SERVER, 5061], to: [SOURCE, 2000] })).toMatchObject({
      returned: PASSED,
      mark: 0,
    });
  });

  test('after both FINs what is sent again is translated still', () => {
    syn(1);
    closeBoth(1, 2000);
    expect(net.balancer.active(1)).toEqual([0]);
    const again = net.down({
      from: [SERVER, 5061],
      to: [SOURCE, 2000],
      flags: 'FIN ACK',
      seq: 901,
      ack: 102,
    });
    expect(again).toMatchObject({ returned: SENT_ON, seen: { to: `${CLIENT} 1`, right: true } });
    const last = net.up({ from: [CLIENT, 1], to: [VIP, 5061], flags: 'ACK', seq: 102, ack: 902 });
    expect(last).toMatchObject({ returned: SENT_ON, seen: { from: `${SOURCE} 2000`, right: true } });
  });

  test('a port comes back a second after both ends have all; while one has not, it keeps its way for half a minute', () => {
    syn(1);
    closeBoth(1, 2000);
    syn(2);
    closeBoth(2, 2001, false);
    syn(3);
    closeBoth(3, 2002, false);
    net.up({ from: [CLIENT, 3], to: [VIP, 5061], flags: 'RST', seq: 102 });
    const removedAfter = (seconds: bigint) => {
      for (const port of [1, 2, 3]) {
        const c = net.balancer.connection(port);
        if (!c) continue;
        const done = (c['done_ns'] as bigint) - seconds * SECOND;
        net.balancer.program.maps.connections.set(net.balancer.keyOf(port), { ...c, done_ns: done });
      }
      return net.balancer.sweep()['removed'];
    };
    expect(removedAfter(0n)).toBe(0n);
    expect(removedAfter(2n)).toBe(2n);
    expect(ways()).toBe(1);
    const lost = { from: [SERVER, 5061], to: [SOURCE, 2001], flags: 'FIN ACK', seq: 901, ack: 102 } as const;
    expect(net.down(lost)).toMatchObject({ returned: SENT_ON, seen: { to: `${CLIENT} 2` } });
    expect(removedAfter(30n)).toBe(1n);
    expect(ways()).toBe(0);
    expect(net.down(lost).returned).toBe(PASSED);
  });

  test('a port of the client that is used again: another way, and the old one is free', () => {
    full(2000, 2001);
    syn(1);
    closeBoth(1, 2000);
    expect(syn(1, 0x60000000).seen.from).toBe(`${SOURCE} 2001`);
    expect(ways()).toBe(1);
    expect(net.down({ from: [SERVER, 5061], to: [SOURCE, 2000], flags: 'FIN ACK' }).returned).toBe(PASSED);
    expect(syn(2).seen.from).toBe(`${SOURCE} 2000`);
  });

  test('the server was lost before it answered: the next SYN finds another server and another way', () => {
    full(2000, 2000, [SERVER, OTHER_SERVER]);
    expect(syn(1).seen.to).toBe(`${SERVER} 5061`);
    net.balancer.setServers([{ address: SERVER, selectable: false, lost: true }, { address: OTHER_SERVER }]);
    expect(syn(1).seen).toMatchObject({ from: `${SOURCE} 2000`, to: `${OTHER_SERVER} 5061`, right: true });
    expect(net.balancer.active(2)).toEqual([0, 1]);
    expect(ways()).toBe(1);
    const key = { server: addressWords(OTHER_SERVER), source: addressWords(SOURCE) };
    const ports = { server_port: networkPort(5061), source_port: networkPort(2000) };
    expect(net.balancer.program.maps.ways.get({ ...key, ...ports })).not.toBeNull();
    expect((net.balancer.connection(1)?.['state'] as number) & SHORT).toBe(SHORT);
  });
});
