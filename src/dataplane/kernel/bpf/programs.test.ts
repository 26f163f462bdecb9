import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import {
  FALLBACK,
  markOf,
  reasonNotToRun,
  REFUSED,
  SCHEDULERS,
  TestBalancer,
  VIP,
  VIP6,
} from './test-balancer.ts';
import { packet, type PacketWishes } from './test-packets.ts';

const reason = reasonNotToRun();
if (reason !== null) process.stderr.write(`SKIPPED, programs in the kernel: ${reason}\n`);

let balancer: TestBalancer;
afterEach(() => balancer?.close());

function threeServers(): void {
  balancer = new TestBalancer([{}, {}, {}]);
}

describe.runIf(reason === null)('which packets are the balancer’s', () => {
  const opening: readonly [string, Partial<PacketWishes>][] = [
    ['a SYN', {}],
    ['with options of IPv4', { options: 40 }],
    ['in a VLAN', { vlan: true }],
    ['the first port of a range', { to: [VIP, 50_000] }],
    ['one amid a range', { to: [VIP, 54_321] }],
    ['the last of a range', { to: [VIP, 59_999] }],
    ['a SYN with ECN’s flags and payload', { flags: 'SYN PSH', payload: 10 }],
    ['IPv6', { from: ['2001:db8::7', 4000], to: [VIP6, 5061] }],
    [
      'IPv6 with six extension headers',
      { from: ['2001:db8::7', 4000], to: [VIP6, 5061], extensions: [0, 60, 43, 51, 60] },
    ],
    ['a first fragment of IPv6', { from: ['2001:db8::7', 4000], to: [VIP6, 5061], extensions: [44] }],
    ['a datagram', { protocol: 'udp', to: [VIP, 3478], payload: 20 }],
  ];
  for (const [what, wishes] of opening) {
    test(`marked: ${what}`, () => {
      threeServers();
      expect(balancer.fromClient(4000, { flags: 'SYN', ...wishes })).toBe(markOf(0));
      expect(balancer.active(3)).toEqual([1, 0, 0]);
    });
  }

  const foreign: readonly [string, Partial<PacketWishes>][] = [
    ['another port of the VIP', { to: [VIP, 5062] }],
    ['the port before a range', { to: [VIP, 49_999] }],
    ['the port after a range', { to: [VIP, 60_000] }],
    ['another address', { to: ['192.0.2.41', 5061] }],
    ['the same port by another protocol', { protocol: 'udp' }],
    ['an ICMP error', { protocol: 'icmp', payload: 28 }],
    ['a later fragment', { fragmentOffset: 185 }],
    [
      'too many extension headers',
      { from: ['2001:db8::7', 4000], to: [VIP6, 5061], extensions: [0, 60, 60, 60, 60, 60, 60] },
    ],
    ['an ACK of no connection', { flags: 'ACK' }],
    ['a SYN ACK', { flags: 'SYN ACK' }],
    ['a SYN that is a reset too', { flags: 'SYN RST' }],
  ];
  for (const [what, wishes] of foreign) {
    test(`left alone: ${what}`, () => {
      threeServers();
      expect(balancer.fromClient(4000, { flags: 'SYN', ...wishes })).toBe(0);
      expect(balancer.active(3)).toEqual([0, 0, 0]);
    });
  }

  // The kernel's test run does not take less than a whole IP header after a plain Ethernet header.
  const torn: readonly [what: string, least: number, wishes: Partial<PacketWishes>][] = [
    ['IPv4', 34, { options: 8 }],
    ['in a VLAN', 15, { vlan: true }],
    ['IPv6', 54, { from: ['2001:db8::7', 4000], to: [VIP6, 5061], extensions: [0, 43] }],
  ];
  for (const [what, least, wishes] of torn) {
    test(`left alone, whatever its length: a packet that ends too early, ${what}`, () => {
      threeServers();
      const whole = packet({ from: ['198.51.100.7', 4000], to: [VIP, 5061], flags: 'SYN', ...wishes });
      for (let length = least; length < whole.length; length++) {
        expect(balancer.raw('from_clients', whole.slice(0, length)).mark).toBe(0);
      }
      expect(balancer.active(3)).toEqual([0, 0, 0]);
      expect(balancer.raw('from_clients', whole).mark).toBe(markOf(0));
    });
  }

  test('bytes by chance are passed on as they are', () => {
    threeServers();
    const noise = fc.uint8Array({ minLength: 54, maxLength: 120 });
    const seed = packet({
      from: ['198.51.100.7', 4000],
      to: [VIP, 5061],
      flags: 'SYN',
      options: 4,
      payload: 9,
    });
    const changed = fc
      .array(fc.tuple(fc.nat(seed.length - 1), fc.nat(255)), { maxLength: 6 })
      .map((changes) => {
        const bytes = seed.slice();
        for (const [at, value] of changes) bytes[at] = value;
        return bytes;
      });
    fc.assert(
      fc.property(
        fc.oneof(noise, changed),
        fc.constantFrom('from_clients' as const, 'to_clients' as const),
        (bytes, program) => {
          expect(balancer.raw(program, bytes).data).toEqual(bytes);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe.runIf(reason === null)('choosing', () => {
  test('wlc: 600 held, weights 1:2:3, exactly 100, 200 and 300', () => {
    balancer = new TestBalancer([{ weight: 1 }, { weight: 2 }, { weight: 3 }]);
    for (let port = 1; port <= 600; port++) balancer.open(port);
    expect(balancer.active(3)).toEqual([100, 200, 300]);
    expect(balancer.portCounters()).toMatchObject({ total: 600n, refused: 0n });
  });

  for (const name of ['rr', 'wrr', 'lc', 'wlc'] as const) {
    test(`${name}: equal servers take strict turns, also when each connection ends at once`, () => {
      balancer = new TestBalancer([{}, {}, {}], { scheduler: SCHEDULERS[name] });
      const chosen = Array.from({ length: 30 }, (_, i) => {
        const position = balancer.open(1000 + i);
        balancer.fromClient(1000 + i, { flags: 'RST' });
        return position;
      });
      expect(chosen).toEqual(Array.from({ length: 30 }, (_, i) => i % 3));
      expect(balancer.active(3)).toEqual([0, 0, 0]);
    });
  }

  test('wrr: each as often as its weight, well mixed', () => {
    balancer = new TestBalancer([{ weight: 1 }, { weight: 2 }, { weight: 4 }], { scheduler: SCHEDULERS.wrr });
    const chosen = Array.from({ length: 70 }, (_, i) => balancer.open(1000 + i));
    expect([0, 1, 2].map((p) => chosen.filter((c) => c === p).length)).toEqual([10, 20, 40]);
    expect(chosen.slice(0, 7)).toEqual(chosen.slice(63));
  });

  test('lc: the fewest, whatever the weight', () => {
    balancer = new TestBalancer([{ weight: 1 }, { weight: 9 }], { scheduler: SCHEDULERS.lc });
    for (let port = 1; port <= 40; port++) balancer.open(port);
    expect(balancer.active(2)).toEqual([20, 20]);
  });

  test('who is not selectable gets nothing; nobody is: refused, counted, and no connection noted', () => {
    balancer = new TestBalancer([{}, { selectable: false }]);
    expect([1, 2, 3].map((port) => balancer.open(port))).toEqual([0, 0, 0]);
    balancer.setServers([{ selectable: false }, { selectable: false }]);
    expect(balancer.fromClient(4, { flags: 'SYN' })).toBe(REFUSED);
    expect(balancer.connection(4)).toBeNull();
    expect(balancer.portCounters()).toMatchObject({ total: 3n, refused: 1n, at_server_limits: 0n });
  });

  test('the fallback serves while nobody else can', () => {
    balancer = new TestBalancer([{}]);
    balancer.setServers([{ selectable: false }], true);
    expect(balancer.open(1)).toBe(FALLBACK);
    balancer.setServers([{}], true);
    expect(balancer.open(2)).toBe(0);
  });

  test('at its limit a server gives way to the next; all at theirs: refused, and counted as that', () => {
    balancer = new TestBalancer([{ weight: 10, maxConnections: 2 }, { maxConnections: 1 }]);
    expect([1, 2, 3, 4].map((port) => balancer.open(port))).toEqual([0, 1, 0, -1]);
    expect(balancer.portCounters()).toMatchObject({ total: 3n, refused: 1n, at_server_limits: 1n });
    balancer.fromClient(2, { flags: 'RST' });
    expect(balancer.open(5)).toBe(1);
  });

  test('at the limit of the service: refused, and counted as that', () => {
    balancer = new TestBalancer([{}], { maxConnections: 1 });
    expect([1, 2].map((port) => balancer.open(port))).toEqual([0, -1]);
    expect(balancer.portCounters()).toMatchObject({ refused: 1n, at_service_limit: 1n });
  });

  test('63 servers, one connection each', () => {
    balancer = new TestBalancer(Array.from({ length: 63 }, () => ({})));
    const chosen = Array.from({ length: 63 }, (_, i) => balancer.open(i + 1));
    expect(new Set(chosen).size).toBe(63);
    expect(balancer.active(64)).toEqual([...Array.from({ length: 63 }, () => 1), 0]);
  });
});

describe.runIf(reason === null)('a connection', () => {
  test('a SYN sent again keeps its server and counts once', () => {
    threeServers();
    expect([balancer.open(1), balancer.open(1), balancer.open(1)]).toEqual([0, 0, 0]);
    expect(balancer.active(3)).toEqual([1, 0, 0]);
  });

  const endings: readonly [string, () => void][] = [
    [
      'both say FIN, the client first',
      () => [balancer.fromClient(1, { flags: 'FIN ACK' }), balancer.toClient(1, { flags: 'FIN ACK' })],
    ],
    [
      'both say FIN, the server first',
      () => [balancer.toClient(1, { flags: 'FIN ACK' }), balancer.fromClient(1, { flags: 'FIN ACK' })],
    ],
    ['the client resets', () => balancer.fromClient(1, { flags: 'RST' })],
    ['the server resets', () => balancer.toClient(1, { flags: 'RST ACK' })],
    ['both reset', () => [balancer.toClient(1, { flags: 'RST' }), balancer.fromClient(1, { flags: 'RST' })]],
    [
      'FINs, sent again, and a reset after them',
      () => {
        for (const flags of ['FIN ACK', 'FIN ACK', 'RST']) {
          balancer.fromClient(1, { flags });
          balancer.toClient(1, { flags });
        }
      },
    ],
  ];
  for (const [what, end] of endings) {
    test(`gives its count back once: ${what}`, () => {
      threeServers();
      for (const port of [1, 2, 3]) balancer.open(port);
      end();
      expect(balancer.active(3)).toEqual([0, 1, 1]);
    });
  }

  test('a FIN from one end alone leaves it open: half-closed connections work', () => {
    threeServers();
    balancer.open(1);
    for (let i = 0; i < 3; i++) balancer.fromClient(1, { flags: 'FIN ACK' });
    expect(balancer.active(3)).toEqual([1, 0, 0]);
  });

  test('an ended tuple that is used again is a new connection, with bytes of its own', () => {
    threeServers();
    balancer.open(1);
    balancer.fromClient(1, { flags: 'PSH ACK', payload: 100 });
    balancer.fromClient(1, { flags: 'RST' });
    expect(balancer.open(1)).toBe(1);
    expect(balancer.active(3)).toEqual([0, 1, 0]);
    expect(balancer.connection(1)).toMatchObject({ bytes_in: 0n, bytes_out: 0n, server: 1 });
  });

  test('bytes are counted both ways; bare ACKs and keep-alives are no activity', () => {
    threeServers();
    balancer.open(1, { seq: 1000 });
    const opened = balancer.connection(1)!['active_ns'];
    balancer.toClient(1, { flags: 'SYN ACK', seq: 7000 });
    balancer.fromClient(1, { flags: 'ACK', seq: 1001 });
    balancer.fromClient(1, { flags: 'ACK', seq: 1000 });
    expect(balancer.connection(1)).toMatchObject({ active_ns: opened, bytes_in: 0n, bytes_out: 0n });
    // The clock of activity goes by the kernel's ticks, of 10 ms at most.
    while (process.hrtime.bigint() < (opened as bigint) + 20_000_000n);
    balancer.fromClient(1, { flags: 'PSH ACK', seq: 1001, payload: 300 });
    balancer.toClient(1, { flags: 'PSH ACK', seq: 7001, payload: 1200 });
    const after = balancer.connection(1)!;
    expect(after).toMatchObject({ bytes_in: 300n, bytes_out: 1200n, client_next: 1301, server_next: 8201 });
    // Of the kernel's last tick.
    expect(after['active_ns']).toBeGreaterThan((opened as bigint) - 20_000_000n);
  });

  test('bytes that are sent again, or come in another order, count once; a keep-alive’s byte and a FIN do not', () => {
    threeServers();
    balancer.open(1, { seq: 1000 });
    for (const [seq, payload] of [
      [1101, 50],
      [1001, 100],
      [1001, 100],
      [1151, 10],
      [1160, 1],
    ]) {
      balancer.fromClient(1, { flags: 'ACK', seq: seq!, payload: payload! });
    }
    const { active_ns: active } = balancer.connection(1)!;
    balancer.fromClient(1, { flags: 'FIN ACK', seq: 1161 });
    balancer.fromClient(1, { flags: 'FIN ACK', seq: 1161 });
    expect(balancer.connection(1)).toMatchObject({ bytes_in: 160n, client_next: 1162, active_ns: active });
  });

  test('sequence numbers wrap, and packets sent again do not take them back', () => {
    threeServers();
    balancer.open(1, { seq: 0xffffff00 });
    balancer.fromClient(1, { flags: 'ACK', seq: 0xffffff01, payload: 300 });
    expect(balancer.connection(1)).toMatchObject({ client_next: 0x2d });
    balancer.fromClient(1, { flags: 'ACK', seq: 0xffffff01, payload: 300 });
    expect(balancer.connection(1)).toMatchObject({ client_next: 0x2d });
  });
});
