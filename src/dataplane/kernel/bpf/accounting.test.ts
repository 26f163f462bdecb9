import { afterEach, describe, expect, test } from 'vitest';
import { reasonNotToRun, type ServerWishes, type ServiceWishes, TestBalancer, VIP } from './test-balancer.ts';
import type { PacketWishes } from './test-packets.ts';

const reason = reasonNotToRun();
if (reason !== null) process.stderr.write(`SKIPPED, accounting in the kernel: ${reason}\n`);

let balancer: TestBalancer;
afterEach(() => balancer?.close());

function start(service: ServiceWishes = {}, servers: readonly ServerWishes[] = [{}]): void {
  balancer = new TestBalancer(servers, service);
}

/** One connection, with the server's and the client's half of the handshake as far as it is said. */
function open(port: number, { answered = true, established = true } = {}): void {
  balancer.open(port, { seq: 100 });
  if (answered) balancer.toClient(port, { flags: 'SYN ACK', seq: 900, ack: 101 });
  if (answered && established) balancer.fromClient(port, { flags: 'ACK', seq: 101 });
}

function ended(): Record<string, number> {
  const state = balancer.program.maps.pool_states.get(0) as unknown as Record<string, bigint[]>;
  const kinds = [
    'connect_errors',
    'connect_timeouts',
    'redispatches',
    'idle_expired',
    'server_resets',
    'client_resets',
  ];
  return Object.fromEntries(
    kinds.map((kind) => [kind, Number(state[kind]?.[0])]).filter(([, count]) => count !== 0),
  );
}

/** From SYN to reset, with 40 bytes of payload. */
function life(port: number): Partial<PacketWishes>[] {
  const from = ['198.51.100.7', port] as const;
  return [
    { from, flags: 'SYN', seq: 1 },
    { from, flags: 'ACK', seq: 2, payload: 10 },
    { from, flags: 'ACK', seq: 12, payload: 30 },
    { from, flags: 'RST', seq: 42 },
  ];
}

/** 600 of them, on five ports in turn. */
function lives(first: number): Partial<PacketWishes>[] {
  return Array.from({ length: 600 }, (_, i) => life(first + (i % 5))).flat();
}

function bytes(): unknown {
  const state = balancer.program.maps.pool_states.get(0) as unknown as Record<string, bigint[]>;
  const port = balancer.portCounters();
  return [state.bytes_in?.[0], state.bytes_out?.[0], port?.bytes_in, port?.bytes_out];
}

describe.runIf(reason === null)('how connections end is counted once', () => {
  test('by a reset of the client, of the server, and of a server that had not answered', () => {
    start();
    open(1);
    balancer.fromClient(1, { flags: 'RST', seq: 101 });
    balancer.fromClient(1, { flags: 'RST', seq: 101 });
    expect(ended()).toEqual({ client_resets: 1 });
    open(2);
    balancer.toClient(2, { flags: 'RST', seq: 901 });
    expect(ended()).toEqual({ client_resets: 1, server_resets: 1 });
    open(3, { answered: false });
    balancer.toClient(3, { flags: 'RST ACK', seq: 0 });
    expect(ended()).toEqual({ client_resets: 1, server_resets: 1, connect_errors: 1 });
    expect(balancer.portCounters()).toMatchObject({ total: 3n, refused: 1n, active: 0n });
  });

  test('by both FINs: nothing to tell', () => {
    start();
    open(1);
    expect(balancer.portCounters()).toMatchObject({ active: 1n });
    balancer.fromClient(1, { flags: 'FIN ACK', seq: 101 });
    balancer.toClient(1, { flags: 'FIN ACK', seq: 901 });
    expect(ended()).toEqual({});
    expect(balancer.portCounters()).toMatchObject({ total: 1n, refused: 0n, active: 0n });
  });

  test('by silence: of the server, of a client that never answered it, after the handshake, and of a flow of UDP', () => {
    start({ idleNs: 1n, connectingNs: 1n, udpIdleNs: 1n });
    open(1, { answered: false });
    open(2, { established: false });
    open(3);
    balancer.fromClient(4, { protocol: 'udp', to: [VIP, 3478] });
    expect(balancer.sweep()).toMatchObject({ expired: 4n });
    expect(ended()).toEqual({ connect_timeouts: 1, idle_expired: 2 });
    expect(balancer.portCounters()).toMatchObject({ refused: 1n, active: 0n });
  });

  test('by a SYN that went to another server, because this one was lost', () => {
    start({}, [{}, {}]);
    open(1, { answered: false });
    balancer.setServers([{ selectable: false, lost: true }, {}]);
    balancer.open(1, { seq: 100 });
    expect(ended()).toEqual({ redispatches: 1 });
    expect(balancer.active(2)).toEqual([0, 1]);
    expect(balancer.portCounters()).toMatchObject({ active: 1n });
  });
});

describe.runIf(reason === null)('bytes', () => {
  test('are added up by the sweep, each once, whether the connection goes on or has ended', () => {
    start();
    open(1);
    open(2);
    balancer.fromClient(1, { flags: 'ACK', seq: 101, payload: 700 });
    balancer.toClient(1, { flags: 'ACK', seq: 901, payload: 30 });
    balancer.fromClient(2, { flags: 'ACK', seq: 101, payload: 5 });
    balancer.sweep();
    expect(bytes()).toEqual([705n, 30n, 705n, 30n]);
    balancer.sweep();
    expect(bytes()).toEqual([705n, 30n, 705n, 30n]);
    balancer.fromClient(1, { flags: 'ACK', seq: 801, payload: 1 });
    balancer.fromClient(1, { flags: 'RST', seq: 802 });
    balancer.sweep();
    expect(bytes()).toEqual([706n, 30n, 706n, 30n]);
  });

  test('of a connection whose client uses its port again before a sweep are not lost', () => {
    start();
    open(1);
    balancer.fromClient(1, { flags: 'ACK', seq: 101, payload: 40 });
    balancer.fromClient(1, { flags: 'RST', seq: 141 });
    open(1);
    balancer.fromClient(1, { flags: 'ACK', seq: 101, payload: 2 });
    balancer.sweep();
    expect(bytes()).toEqual([42n, 0n, 42n, 0n]);
  });

  test('of a connection that ends are there at once', () => {
    start();
    open(1);
    balancer.fromClient(1, { flags: 'ACK', seq: 101, payload: 40 });
    balancer.fromClient(1, { flags: 'RST', seq: 141 });
    expect(bytes()).toEqual([40n, 0n, 40n, 0n]);
    balancer.sweep();
    expect(bytes()).toEqual([40n, 0n, 40n, 0n]);
  });

  test('are exact while several CPUs move them, ports begin anew, and a sweep goes over them', async () => {
    start();
    const sweeping = setInterval(() => balancer.sweep(), 1);
    await balancer.fromSeveralCpus([lives(1), lives(11), lives(21)]);
    clearInterval(sweeping);
    balancer.sweep();
    expect(bytes()).toEqual([72_000n, 0n, 72_000n, 0n]);
    expect(ended()).toEqual({ client_resets: 1800 });
    expect(balancer.portCounters()).toMatchObject({ active: 0n, total: 1800n });
    expect(balancer.active(1)).toEqual([0]);
  });
});
