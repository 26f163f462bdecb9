import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { reasonNotToRun, REFUSED, TestBalancer, VIP } from './test-balancer.ts';
import { packet, type PacketWishes } from './test-packets.ts';

const reason = reasonNotToRun();
if (reason !== null) process.stderr.write(`SKIPPED, direct server return: ${reason}\n`);

/** TC_ACT_REDIRECT and TC_ACT_UNSPEC (linux/pkt_cls.h). */
const SENT_ON = 7;
const PASSED = -1;

describe.runIf(reason === null)('direct server return', () => {
  let balancer: TestBalancer;
  beforeEach(() => {
    balancer = new TestBalancer([{}, { address: '192.0.2.52' }], { direct: true });
  });
  afterEach(() => balancer.close());

  /** What becomes of a packet of the client's first port. */
  function send(wishes: Partial<PacketWishes>): number {
    const bytes = packet({ from: ['198.51.100.7', 1], to: [VIP, 5061], seq: 101, ack: 901, ...wishes });
    return balancer.returned('from_clients', bytes);
  }

  function establish(): void {
    send({ flags: 'SYN', seq: 100, ack: 0 });
    send({ flags: 'ACK' });
  }

  test('every packet of a connection goes on to its server', () => {
    expect(send({ flags: 'SYN', seq: 100, ack: 0 })).toBe(SENT_ON);
    expect(send({ flags: 'SYN', seq: 100, ack: 0 })).toBe(SENT_ON);
    expect([send({}), send({ payload: 10 })]).toEqual([SENT_ON, SENT_ON]);
    expect(balancer.active(2)).toEqual([1, 0]);
    expect(send({ from: ['198.51.100.7', 2], flags: 'SYN' })).toBe(SENT_ON);
    expect(balancer.active(2)).toEqual([1, 1]);
  });

  test('a packet of no connection, and one without a server, are this machine’s to refuse', () => {
    expect(send({})).toBe(PASSED);
    balancer.setServers([{ selectable: false }]);
    expect(balancer.fromClient(1, { flags: 'SYN' })).toBe(REFUSED);
  });

  test('what the client acknowledges is what the server said: bytes, activity, and the number of a reset', () => {
    establish();
    expect(balancer.connection(1)).toMatchObject({ bytes_out: 0n, server_next: 901 });
    send({ payload: 30, ack: 901 });
    send({ seq: 131, ack: 1401 });
    send({ seq: 131, ack: 901 });
    expect(balancer.connection(1)).toMatchObject({
      bytes_in: 30n,
      bytes_out: 500n,
      client_next: 131,
      server_next: 1401,
    });
  });

  test('the client’s FIN ends it for the count, and its acknowledgements still reach the server', () => {
    establish();
    expect(send({ flags: 'FIN ACK' })).toBe(SENT_ON);
    expect(balancer.active(2)).toEqual([0, 0]);
    expect(send({ seq: 102, ack: 5000 })).toBe(SENT_ON);
    expect(balancer.sweep()).toMatchObject({ seen: 1n, removed: 0n });
  });

  test('the client’s reset ends it', () => {
    establish();
    expect(send({ flags: 'RST' })).toBe(SENT_ON);
    expect(balancer.active(2)).toEqual([0, 0]);
  });

  test('what was silent for too long is answered by this machine; the client’s reset reaches the server', () => {
    establish();
    balancer.setService({ direct: true, idleNs: 1n });
    expect(balancer.sweep()).toMatchObject({ expired: 1n });
    expect(send({ payload: 5 })).toBe(PASSED);
    expect(send({ flags: 'RST' })).toBe(SENT_ON);
    expect(send({ flags: 'SYN', seq: 9000 })).toBe(SENT_ON);
    expect(balancer.active(2)).toEqual([0, 1]);
  });

  test('datagrams go on too', () => {
    const wishes = { protocol: 'udp', to: [VIP, 3478] } as const;
    expect([send(wishes), send(wishes)]).toEqual([SENT_ON, SENT_ON]);
    expect(balancer.active(2)).toEqual([1, 0]);
  });
});
