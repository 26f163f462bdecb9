import { afterEach, describe, expect, test } from 'vitest';
import {
  FALLBACK,
  reasonNotToRun,
  type ServiceWishes,
  type ServerWishes,
  TestBalancer,
  VIP6,
} from './test-balancer.ts';

const reason = reasonNotToRun();
if (reason !== null) process.stderr.write(`SKIPPED, clients in the kernel: ${reason}\n`);

const HOUR = 3_600_000_000_000n;
let balancer: TestBalancer;
afterEach(() => balancer?.close());

function start(service: ServiceWishes, servers: readonly ServerWishes[] = [{}, {}, {}]): void {
  balancer = new TestBalancer(servers, service);
}

/** The server that this client's connection from this port gets; -1: refused. */
function open(client: string, port: number): number {
  return balancer.open(port, { from: [client, port] });
}

function startKnowing(service: ServiceWishes = {}, servers?: readonly ServerWishes[]): void {
  start({ persistenceNs: HOUR, ...service }, servers);
  balancer.program.setPersistence(0, 1024);
}

function syns(first: number): { from: readonly [string, number]; flags: string }[] {
  return Array.from({ length: 100 }, (_, i) => ({ from: ['198.51.100.7', first + i], flags: 'SYN' }));
}

function end(client: string, port: number): void {
  balancer.fromClient(port, { from: [client, port], flags: 'RST', seq: 2 });
}

describe.runIf(reason === null)('limits of a source', () => {
  test('connections: exactly so many; each that ends makes room; others are not concerned', () => {
    start({ perSource: 2 });
    expect([1, 2, 3].map((port) => open('198.51.100.1', port))).toEqual([0, 1, -1]);
    expect(open('198.51.100.2', 1)).toBe(2);
    expect(balancer.portCounters()).toMatchObject({ total: 3n, refused: 1n, at_source_limit: 1n });
    end('198.51.100.1', 2);
    end('198.51.100.1', 2);
    expect([4, 5].map((port) => open('198.51.100.1', port))).toEqual([1, -1]);
  });

  test('a pace: no more at once than a second’s; a SYN sent again takes no token', () => {
    start({ perSecond: 3 });
    expect([1, 1, 2, 2, 3].map((port) => open('198.51.100.1', port) >= 0)).not.toContain(false);
    expect(open('198.51.100.1', 4)).toBe(-1);
    expect(open('198.51.100.2', 4)).not.toBe(-1);
    expect(balancer.portCounters()).toMatchObject({ refused: 1n, at_source_rate: 1n });
  });

  test('an IPv6 network of 64 bits is one source', () => {
    start({ perSource: 1 });
    const to = [VIP6, 5061] as const;
    const opened = ['2001:db8:1:1::1', '2001:db8:1:1::2', '2001:db8:1:2::1'].map((client) =>
      balancer.open(1, { from: [client, 1], to }),
    );
    expect(opened).toEqual([0, -1, 1]);
  });

  test('a refusal for want of a server holds nothing of its source', () => {
    start({ perSource: 1 }, [{ selectable: false }]);
    expect([1, 2].map((port) => open('198.51.100.1', port))).toEqual([-1, -1]);
    balancer.setServers([{}]);
    expect(open('198.51.100.1', 3)).toBe(0);
  });

  test('several CPUs at once: never more than the limit', async () => {
    start({ perSource: 50 });
    await balancer.fromSeveralCpus([syns(1), syns(1001)]);
    expect(balancer.active(3).reduce((a, b) => a + b)).toBe(50);
    expect(balancer.portCounters()).toMatchObject({ total: 50n, at_source_limit: 150n });
  });
});

describe.runIf(reason === null)('persistence', () => {
  test('a client comes back to its server, others take their turns', () => {
    startKnowing();
    expect([1, 2, 3].map((port) => open('198.51.100.1', port))).toEqual([0, 0, 0]);
    expect([1, 2].map((port) => open('198.51.100.2', port))).toEqual([1, 1]);
    for (const port of [1, 2, 3]) end('198.51.100.1', port);
    expect(open('198.51.100.1', 4)).toBe(0);
  });

  test('after the timeout without a connection it is nobody’s; with one it stays', () => {
    startKnowing();
    expect(open('198.51.100.1', 1)).toBe(0);
    balancer.setService({ persistenceNs: 1n });
    expect(open('198.51.100.1', 2)).toBe(0);
    end('198.51.100.1', 1);
    end('198.51.100.1', 2);
    expect(open('198.51.100.1', 3)).toBe(1);
  });

  test('a server that cannot be had is replaced at once, and stays replaced', () => {
    startKnowing();
    expect(open('198.51.100.1', 1)).toBe(0);
    balancer.setServers([{ selectable: false }, {}, {}]);
    expect(open('198.51.100.1', 2)).toBe(1);
    balancer.setServers([{}, {}, {}]);
    expect(open('198.51.100.1', 3)).toBe(1);
  });

  test('another server in the same position is another server', () => {
    startKnowing();
    expect(open('198.51.100.1', 1)).toBe(0);
    balancer.setServers([{ generation: 1 }, {}, {}]);
    expect(open('198.51.100.1', 2)).toBe(1);
  });

  test('a drain that keeps its clients gets them, and nobody else', () => {
    startKnowing();
    expect(open('198.51.100.1', 1)).toBe(0);
    balancer.setServers([{ selectable: false, keepsClients: true }, {}, {}]);
    expect(open('198.51.100.1', 2)).toBe(0);
    expect([1, 2, 3, 4].map((n) => open(`198.51.100.1${n}`, 1))).not.toContain(0);
  });

  test('while its server is full a client goes elsewhere, and comes back', () => {
    startKnowing({}, [{ maxConnections: 1 }, {}]);
    expect([1, 2].map((port) => open('198.51.100.1', port))).toEqual([0, 1]);
    end('198.51.100.1', 1);
    expect(open('198.51.100.1', 3)).toBe(0);
  });

  test('the fallback is remembered for nobody', () => {
    startKnowing();
    balancer.setServers([{ selectable: false }], true);
    expect(open('198.51.100.1', 1)).toBe(FALLBACK);
    balancer.setServers([{}], true);
    expect(open('198.51.100.1', 2)).toBe(0);
  });
});
