import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { markOf, reasonNotToRun, REFUSED, TestBalancer, VIP } from './test-balancer.ts';
import { addressWords } from './test-packets.ts';

const reason = reasonNotToRun();
if (reason !== null) process.stderr.write(`SKIPPED, handshakes in the kernel: ${reason}\n`);

describe.runIf(reason === null)('until client and server have found each other', () => {
  let balancer: TestBalancer;
  beforeEach(() => {
    balancer = new TestBalancer([{}, {}]);
  });
  afterEach(() => balancer.close());

  const lost = { selectable: false, lost: true };

  test('a SYN sent again after its server was lost is given another one, once, and counted', () => {
    expect(balancer.open(1)).toBe(0);
    balancer.setServers([lost, {}]);
    expect([balancer.open(1), balancer.open(1)]).toEqual([1, 1]);
    expect(balancer.active(2)).toEqual([0, 1]);
    expect(balancer.portCounters()).toMatchObject({ redispatches: 1n });
  });

  test('a drain alone moves nobody', () => {
    balancer.open(1);
    balancer.setServers([{ selectable: false }, {}]);
    expect(balancer.open(1)).toBe(0);
  });

  test('a flow of UDP is never moved: it has no handshake to be before of', () => {
    const flow = { protocol: 'udp', to: [VIP, 3478] } as const;
    balancer.fromClient(1, flow);
    balancer.setServers([lost, {}]);
    expect(balancer.fromClient(1, flow)).toBe(markOf(0));
    expect(balancer.active(2)).toEqual([1, 0]);
  });

  test('without another server it is refused and holds nothing; it is served when there is one', () => {
    balancer.open(1);
    balancer.setServers([lost]);
    expect(balancer.fromClient(1, { flags: 'SYN' })).toBe(REFUSED);
    expect(balancer.active(2)).toEqual([0, 0]);
    balancer.setServers([{}]);
    expect(balancer.open(1)).toBe(0);
    expect(balancer.active(2)).toEqual([1, 0]);
  });

  test('one that is established is never moved', () => {
    balancer.establish(1);
    balancer.setServers([lost, {}]);
    expect(balancer.open(1)).toBe(0);
    expect(balancer.active(2)).toEqual([1, 0]);
  });

  test('several CPUs with the same SYN after the loss: counted once', async () => {
    const syns = Array.from({ length: 100 }, (_, i) => ({
      from: ['198.51.100.7', i + 1] as const,
      flags: 'SYN',
    }));
    await balancer.fromSeveralCpus([syns]);
    balancer.setServers([lost, {}]);
    await balancer.fromSeveralCpus([syns, syns, syns]);
    expect(balancer.active(2)).toEqual([0, 100]);
  });

  test('it has less time than an established one', async () => {
    balancer.setService({ idleNs: 3_600_000_000_000n, connectingNs: 1n });
    balancer.open(1);
    balancer.establish(2);
    expect(balancer.sweep()).toMatchObject({ seen: 2n, expired: 1n });
    expect(balancer.connection(2)).toMatchObject({ server: 1 });
    expect(balancer.active(2)).toEqual([0, 1]);
  });

  test('a reset ends a connection only with a number that could be right; a server that refuses has none', () => {
    balancer.establish(1);
    balancer.fromClient(1, { flags: 'RST', seq: 0x70000000 });
    balancer.toClient(1, { flags: 'RST', seq: 0x70000000 });
    expect(balancer.active(2)).toEqual([1, 0]);
    balancer.toClient(1, { flags: 'RST', seq: 7001 });
    expect(balancer.active(2)).toEqual([0, 0]);
    balancer.open(2, { seq: 5000 });
    balancer.toClient(2, { flags: 'RST ACK', seq: 0 });
    expect(balancer.active(2)).toEqual([0, 0]);
  });

  test('a mapped port has a target of its own; one that is not known is refused and holds nothing', () => {
    const ranges = [{ first: 8000, last: 8009, service: 0, mapped: 7 }];
    balancer.program.maps.vips.set({ vip: addressWords(VIP), protocol: 6 }, { count: 1, ranges });
    balancer.program.maps.mapped_targets.set(
      { range: 7, server: 0, offset: 3 },
      { number: 4711, port: 8013 },
    );
    expect(balancer.fromClient(1, { flags: 'SYN', to: [VIP, 8003] })).toBe(0x50000000 + 4711);
    expect(balancer.fromClient(1, { flags: 'SYN', to: [VIP, 8004] })).toBe(REFUSED);
    expect(balancer.active(2)).toEqual([1, 0]);
    expect(markOf(0)).not.toBe(REFUSED);
  });
});
