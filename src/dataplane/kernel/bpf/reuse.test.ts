import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { markOf, reasonNotToRun, TestBalancer, VIP } from './test-balancer.ts';
import { packet } from './test-packets.ts';

const reason = reasonNotToRun();
if (reason !== null) process.stderr.write(`SKIPPED, ports that are used again: ${reason}\n`);

/** Bits of a connection's state, as in bpf/maps.h. */
const DONE = 16;
const ESTABLISHED = 128;
const GONE = 256;

describe.runIf(reason === null)('a SYN with another number, of a port that is in use', () => {
  let balancer: TestBalancer;
  beforeEach(() => {
    balancer = new TestBalancer([{}, {}]);
  });
  afterEach(() => balancer.close());

  function total(): bigint[] {
    const { total: all } = balancer.program.maps.pool_states.get(0) as { total: bigint[] };
    return all.slice(0, 2);
  }

  test('nobody has answered the first: the same connection at the same server, with the new numbers', () => {
    expect([balancer.open(1, { seq: 1000 }), balancer.open(1, { seq: 0x90000000 })]).toEqual([0, 0]);
    expect(balancer.active(2)).toEqual([1, 0]);
    expect(total()).toEqual([1n, 0n]);
    expect(balancer.connection(1)).toMatchObject({ client_next: 0x90000001 });
    balancer.fromClient(1, { flags: 'RST', seq: 0x90000001 });
    expect(balancer.active(2)).toEqual([0, 0]);
  });

  test('the server answered the first: what it still says of that is refused by the client, and ends nothing', () => {
    balancer.open(1, { seq: 1000 });
    balancer.toClient(1, { flags: 'SYN ACK', seq: 7000, ack: 1001 });
    balancer.open(1, { seq: 0x90000000 });
    balancer.toClient(1, { flags: 'ACK', seq: 7001, ack: 1001 });
    balancer.fromClient(1, { flags: 'RST', seq: 1001 });
    expect(balancer.active(2)).toEqual([1, 0]);
    balancer.toClient(1, { flags: 'SYN ACK', seq: 0x20000000, ack: 0x90000001 });
    balancer.fromClient(1, { flags: 'ACK', seq: 0x90000001, ack: 0x20000001 });
    expect((balancer.connection(1)?.['state'] as number) & ESTABLISHED).toBe(ESTABLISHED);
    balancer.toClient(1, { flags: 'RST', seq: 0x20000001 });
    expect(balancer.active(2)).toEqual([0, 0]);
  });

  const open: readonly [string, () => void][] = [
    ['established', () => {}],
    ['the client said FIN', () => balancer.fromClient(1, { flags: 'FIN ACK', seq: 1001 })],
    ['the server said FIN', () => balancer.toClient(1, { flags: 'FIN ACK', seq: 7001 })],
  ];
  for (const [what, before] of open) {
    test(`${what}: the server asks, the client resets by the old numbers, the next SYN opens`, () => {
      balancer.establish(1);
      before();
      expect(balancer.fromClient(1, { flags: 'SYN', seq: 0x60000000 })).toBe(markOf(0));
      expect(balancer.active(2)).toEqual([1, 0]);
      balancer.toClient(1, { flags: 'ACK', seq: 7001, ack: 1001 });
      balancer.fromClient(1, { flags: 'RST', seq: 1001 });
      expect(balancer.active(2)).toEqual([0, 0]);
      expect(balancer.open(1, { seq: 0x60000000 })).toBe(1);
      expect(total()).toEqual([1n, 1n]);
      balancer.fromClient(1, { flags: 'RST', seq: 0x60000001 });
      expect(balancer.active(2)).toEqual([0, 0]);
    });
  }

  test('established, but conntrack had forgotten it: the server answers the new one, whose numbers then count', () => {
    balancer.establish(1);
    balancer.open(1, { seq: 0x60000000 });
    balancer.toClient(1, { flags: 'SYN ACK', seq: 0x70000000, ack: 0x60000001 });
    expect(balancer.connection(1)).toMatchObject({ client_next: 0x60000001, server_next: 0x70000001 });
    balancer.fromClient(1, { flags: 'ACK', seq: 0x60000001 });
    balancer.toClient(1, { flags: 'RST', seq: 0x70000001 });
    expect(balancer.active(2)).toEqual([0, 0]);
  });

  test('a SYN ACK that is sent again changes nothing', () => {
    balancer.establish(1);
    balancer.fromClient(1, { flags: 'ACK', seq: 1001, payload: 50 });
    balancer.toClient(1, { flags: 'SYN ACK', seq: 7000, ack: 1001 });
    expect(balancer.connection(1)).toMatchObject({ client_next: 1051, server_next: 7001 });
    expect((balancer.connection(1)?.['state'] as number) & ESTABLISHED).toBe(ESTABLISHED);
  });

  test('both said FIN: a new connection, chosen anew', () => {
    balancer.establish(1);
    balancer.fromClient(1, { flags: 'FIN ACK', seq: 1001 });
    balancer.toClient(1, { flags: 'FIN ACK', seq: 7001 });
    expect(balancer.open(1, { seq: 0x60000000 })).toBe(1);
    expect(balancer.active(2)).toEqual([0, 1]);
  });

  test('the place is being removed: the SYN is dropped, for the client asks again', () => {
    const key = balancer.keyOf(1);
    balancer.program.maps.connections.set(key, { state: DONE | GONE });
    const syn = packet({ from: ['198.51.100.7', 1], to: [VIP, 5061], flags: 'SYN' });
    expect(balancer.returned('from_clients', syn)).toBe(2);
    expect(balancer.active(2)).toEqual([0, 0]);
    balancer.program.maps.connections.delete(key);
    expect(balancer.open(1)).toBe(0);
  });

  test('the same SYN on several CPUs is one in the totals too', async () => {
    const syns = Array.from({ length: 200 }, (_, i) => ({
      from: ['198.51.100.7', i + 1] as const,
      flags: 'SYN',
    }));
    await balancer.fromSeveralCpus([syns, syns, syns]);
    expect(total()).toEqual([100n, 100n]);
    expect(balancer.portCounters()).toMatchObject({ total: 200n, active: 200n });
  });
});
