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
import { packet, type PacketWishes } from './test-packets.ts';
import { type Read, read } from './test-reading.ts';

const reason = reasonNotToRun();
if (reason !== null) process.stderr.write(`SKIPPED, fragments on the short way: ${reason}\n`);

const FAMILIES = [
  { family: 'IPv4', client: CLIENT, vip: VIP, server: SERVER, source: SOURCE, extensions: [] },
  { family: 'IPv6', client: CLIENT6, vip: VIP6, server: SERVER6, source: SOURCE6, extensions: [44] },
] as const;

/** Both ends without ports, which a later fragment has not. */
function hosts({ from, to }: Read): string[] {
  return [from, to].map((end) => end.split(' ')[0] ?? '');
}

describe.runIf(reason === null).each(FAMILIES)('fragments on the short way, $family', (family) => {
  const { client, vip, server, source, extensions } = family;
  let net: TestNetwork;
  let id = 0;
  beforeAll(() => {
    net = new TestNetwork();
  });
  beforeEach(() => {
    id += 1;
    net.begin([server], {}, [{ address: source, first: 2000, last: 2999 }]);
    net.up({ ...up, flags: 'SYN', seq: 100 });
  });

  const up = { from: [client, 40_000], to: [vip, 5061] } as const;
  const down = { from: [server, 5061], to: [source, 2000] } as const;
  const first = () => ({ moreFragments: true, id, payload: 60, extensions, seq: 101, ack: 901 });

  /** From the network's header on, what comes after the 80 bytes of a first fragment; its bytes are nobody's ports. */
  function later(wishes: PacketWishes): Uint8Array {
    const bytes = packet({
      ...wishes,
      fragmentOffset: 10,
      moreFragments: false,
      id,
      payload: 12,
      extensions,
    });
    const body = bytes.length - 32;
    bytes.fill(0xab, body);
    return bytes;
  }

  test('the first one is translated as a whole packet is, later ones where it went', () => {
    const one = net.up({ ...up, ...first() });
    expect(one).toMatchObject({ returned: SENT_ON, mark: TRANSLATED });
    expect(one.seen).toMatchObject({ from: `${source} 2000`, to: `${server} 5061`, hops: 63, right: true });
    const bytes = later(up);
    const two = net.arrive(bytes, { interface: net.clients });
    expect(two).toMatchObject({ returned: SENT_ON, mark: TRANSLATED, seen: { hops: 63, right: true } });
    expect(hosts(two.seen)).toEqual([source, server]);
    expect(two.seen.body).toEqual(read(bytes).body);
    expect(net.arrive(bytes, { interface: net.clients }).returned).toBe(SENT_ON);
  });

  test('the sum of the whole packet is right when it is put together', () => {
    const sent = { ...up, payload: 92, seq: 101, ack: 901 };
    const whole = packet({ ...sent, extensions });
    const at = whole.length - 112;
    const cut = packet({ ...up, ...first() });
    cut.set(whole.subarray(at, at + 80), cut.length - 80);
    const rest = later(up);
    rest.set(whole.subarray(at + 80), rest.length - 32);
    const parts = [cut, rest].map((bytes) => net.arrive(bytes, { interface: net.clients }).data);
    const plain = net.up(sent).data;
    const together = [...parts[0]!.subarray(-80), ...parts[1]!.subarray(-32)];
    expect(together).toEqual(Array.from(plain.subarray(-112)));
  });

  test('from the server too', () => {
    net.down({ ...down, flags: 'SYN ACK', seq: 900, ack: 101 });
    expect(net.down({ ...down, ...first() }).seen).toMatchObject({ to: `${client} 40000`, right: true });
    const two = net.arrive(later(down), { interface: net.servers });
    expect(hosts(two.seen)).toEqual([vip, client]);
  });

  test('one that comes before the first, or of another packet, is left to the stack', () => {
    const bytes = later(up);
    expect(net.arrive(bytes, { interface: net.clients })).toMatchObject({
      returned: PASSED,
      mark: 0,
      data: bytes,
    });
    net.up({ ...up, ...first() });
    id += 1;
    expect(net.arrive(later(up), { interface: net.clients }).returned).toBe(PASSED);
    id -= 1;
    expect(net.arrive(later({ ...up, protocol: 'udp' }), { interface: net.clients }).returned).toBe(PASSED);
    expect(net.arrive(later(up), { interface: net.clients }).returned).toBe(SENT_ON);
  });

  test('a whole packet leaves no note, nor does one of nobody', () => {
    net.up({ ...up, ...first(), moreFragments: false });
    expect(net.arrive(later(up), { interface: net.clients }).returned).toBe(PASSED);
    net.up({ ...up, from: [client, 50_000], ...first() });
    expect(net.arrive(later(up), { interface: net.clients }).returned).toBe(PASSED);
  });

  test('one without a hop left is dropped', () => {
    net.up({ ...up, ...first() });
    expect(net.arrive(later({ ...up, hops: 1 }), { interface: net.clients }).returned).toBe(DROPPED);
  });
});
