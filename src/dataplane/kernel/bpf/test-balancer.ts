/** The loaded programs with one virtual service in front of one pool, and packets to try on them. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { serverIdentity } from '../../../scheduler/identity.ts';
import { addressWords as hashedWords } from '../../proxy/guard/client-address.ts';
import type { Value } from './codec.ts';
import { decode, encode } from './codec.ts';
import { BpfProgram, type Sizes } from './program.ts';
import { runProgram } from './run.ts';
import type { Opening } from './test-opener.ts';
import { addressWords, networkPort, packet, type PacketWishes } from './test-packets.ts';

export const VIP = '192.0.2.40';
export const VIP6 = '2001:db8::40';
/** The mark of the server in this position, and of a connection that is refused. */
export const markOf = (position: number): number => 0x50000000 | (100 + position);
export const REFUSED = 0x50ffffff;
export const FALLBACK = 63;

const SKB_SIZE = 192;
const SKB_MARK = 8;
const SKB_INTERFACE = 40;
const SKB_GSO_SIZE = 176;

const BUILD = fileURLToPath(new URL('../../../../scripts/build-bpf.sh', import.meta.url));
/** What the script ends with where compiler or headers lack. */
const NOT_BUILT = 3;

/** Whether it is forbidden and not wrong: EPERM (bpf(2)). */
const FORBIDDEN = /: error 1$/m;

/** Builds the programs. Why they cannot be tried here; null when they can. @throws Error when they do not compile or load */
export function reasonNotToRun(): string | null {
  if (process.getuid?.() !== 0) return 'only root may load BPF programs';
  const { status, stderr } = spawnSync('sh', [BUILD], { encoding: 'utf8' });
  if (status === NOT_BUILT) return stderr.trim();
  if (status !== 0) throw new Error(stderr);
  try {
    BpfProgram.load({ connections: 1 }).close();
    return null;
  } catch (error) {
    if (FORBIDDEN.test(String(error))) return 'this machine lets nobody load BPF programs';
    throw error;
  }
}

export interface ServerWishes {
  readonly weight?: number;
  readonly selectable?: boolean;
  readonly maxConnections?: number;
  readonly keepsClients?: boolean;
  readonly generation?: number;
  readonly lost?: boolean;
  readonly address?: string;
}

export interface ServiceWishes {
  readonly scheduler?: number;
  readonly maxConnections?: number;
  readonly idleNs?: bigint;
  readonly connectingNs?: bigint;
  readonly udpIdleNs?: bigint;
  readonly persistenceNs?: bigint;
  readonly perSource?: number;
  readonly perSecond?: number;
  /** Servers answer past the balancer. */
  readonly direct?: boolean;
  /** Its TCP connections are translated by the programs, in a TestNetwork; from as many of the SNAT addresses, or half-NAT. */
  readonly shortWay?: boolean;
  readonly sources?: number;
}

/** What the kernel tells of a packet beside its bytes. */
export interface Arrival {
  readonly interface: number;
  /** Payload of each of several packets that came together. */
  readonly gsoSize?: number;
  readonly mark?: number;
}

export interface Arrived {
  readonly returned: number;
  readonly mark: number;
  readonly data: Uint8Array;
}

export const SCHEDULERS = { rr: 0, wrr: 1, lc: 2, wlc: 3, sh: 4, mh: 5 } as const;

export class TestBalancer {
  readonly program: BpfProgram;

  constructor(servers: readonly ServerWishes[], service: ServiceWishes = {}, sizes: Sizes = {}) {
    this.program = BpfProgram.load({ connections: 4096, ...sizes });
    this.setServers(servers);
    this.setService(service);
    const tcp = [
      [443, 443],
      [5061, 5061],
      [50_000, 59_999],
    ].map(([first, last]) => ({ first: first!, last: last!, service: 0 }));
    for (const vip of [VIP, VIP6]) {
      const { vips } = this.program.maps;
      vips.set({ vip: addressWords(vip), protocol: 6 }, { count: tcp.length, ranges: tcp });
      vips.set({ vip: addressWords(vip), protocol: 17 }, { count: 1, ranges: [{ first: 3478, last: 3478 }] });
    }
  }

  setService(wishes: ServiceWishes): void {
    const { scheduler = SCHEDULERS.wlc, maxConnections = 0, idleNs = 0n } = wishes;
    this.program.maps.services.set(0, {
      pool: 0,
      scheduler,
      max_connections: maxConnections,
      direct: wishes.direct ? 1 : 0,
      short_way: wishes.shortWay ? 1 : 0,
      source_count: wishes.sources ?? 0,
      sources: Array.from({ length: wishes.sources ?? 0 }, (_, i) => i + 1),
      connections_per_source: wishes.perSource ?? 0,
      new_per_second_per_source: wishes.perSecond ?? 0,
      idle_ns: idleNs,
      connecting_ns: wishes.connectingNs ?? idleNs,
      udp_idle_ns: wishes.udpIdleNs ?? 0n,
      persistence_ns: wishes.persistenceNs ?? 0n,
    });
  }

  /** @param fallback whether there is one */
  setServers(servers: readonly ServerWishes[], fallback = false): void {
    const positions = servers.map((wishes, at) => ({
      weight: wishes.weight ?? 1,
      selectable: wishes.selectable === false ? (wishes.keepsClients ? 2 : 0) : 1,
      max_connections: wishes.maxConnections ?? 0,
      target: 100 + at,
      generation: wishes.generation ?? 0,
      lost: wishes.lost ? 1 : 0,
      identity: wishes.address === undefined ? 0 : identityOf(wishes.address),
      address: addressWords(wishes.address ?? '192.0.2.51'),
    }));
    const rest = Array.from({ length: FALLBACK - positions.length }, () => ({}));
    const last = { weight: 1, selectable: fallback ? 1 : 0, target: 100 + FALLBACK };
    this.program.maps.pools.set(0, { count: positions.length, servers: [...positions, ...rest, last] });
  }

  /** Gives the bytes to a program; the mark that the packet has afterwards (0: none), and the packet. */
  raw(program: 'from_clients' | 'to_clients', bytes: Uint8Array): { mark: number; data: Uint8Array } {
    const ran = runProgram(this.program.fd(program), new Uint8Array(SKB_SIZE), bytes);
    if ((ran.returned | 0) !== -1) throw new Error(`the packet was not passed on: ${ran.returned}`);
    return { mark: new DataView(ran.context.buffer).getUint32(SKB_MARK, true), data: ran.data };
  }

  fromClient(port: number, wishes: Partial<PacketWishes> = {}): number {
    return this.raw('from_clients', packet({ from: ['198.51.100.7', port], to: [VIP, 5061], ...wishes }))
      .mark;
  }

  toClient(port: number, wishes: Partial<PacketWishes> = {}): void {
    this.raw('to_clients', packet({ from: [VIP, 5061], to: ['198.51.100.7', port], ...wishes }));
  }

  /** Gives each list of packets to `from_clients` in a thread of its own, all at once. */
  async fromSeveralCpus(
    lists: readonly (readonly Partial<PacketWishes>[])[],
    arrival: Arrival = { interface: 0 },
  ): Promise<void> {
    const context = contextOf(arrival);
    const gate = new Int32Array(new SharedArrayBuffer(4));
    const threads = lists.map((list) => {
      const packets = list.map((wishes) => packet({ from: ['198.51.100.7', 1], to: [VIP, 5061], ...wishes }));
      const fd = this.program.fd('from_clients');
      const workerData: Opening = { fd, context, packets, gate, threads: lists.length };
      return once(new Worker(new URL('test-opener.ts', import.meta.url), { workerData }), 'exit');
    });
    expectZeros(await Promise.all(threads));
  }

  /** The position of the server that a new connection went to. */
  open(port: number, wishes: Partial<PacketWishes> = {}): number {
    const mark = this.fromClient(port, { flags: 'SYN', ...wishes });
    return mark === REFUSED ? -1 : mark - markOf(0);
  }

  /** A whole handshake: the client goes on with 1001, the server with 7001. */
  establish(port: number): void {
    this.open(port, { seq: 1000 });
    this.toClient(port, { flags: 'SYN ACK', seq: 7000, ack: 1001 });
    this.fromClient(port, { flags: 'ACK', seq: 1001, ack: 7001 });
  }

  active(count: number): number[] {
    const state = this.program.maps.pool_states.get(0) as { active: number[] };
    return state.active.slice(0, count);
  }

  /** What a program says of the packet: TC_ACT_UNSPEC (-1) passes it on, TC_ACT_SHOT (2) drops it. */
  returned(program: 'from_clients' | 'to_clients', bytes: Uint8Array): number {
    return runProgram(this.program.fd(program), new Uint8Array(SKB_SIZE), bytes).returned | 0;
  }

  /** What a program makes of a packet that came by an interface. */
  arrive(program: 'from_clients' | 'to_clients', bytes: Uint8Array, arrival: Arrival): Arrived {
    const ran = runProgram(this.program.fd(program), contextOf(arrival), bytes);
    const mark = new DataView(ran.context.buffer).getUint32(SKB_MARK, true);
    return { returned: ran.returned | 0, mark, data: ran.data };
  }

  connection(port: number): Record<string, Value> | null {
    return this.program.maps.connections.get(this.keyOf(port)) as Record<string, Value> | null;
  }

  /** Of a connection from this port to the VIP's 5061. */
  keyOf(port: number): Value {
    return {
      client: addressWords('198.51.100.7'),
      vip: addressWords(VIP),
      client_port: networkPort(port),
      vip_port: networkPort(5061),
      protocol: 6,
    };
  }

  portCounters(port = 5061, vip = VIP, protocol = 6): Record<string, Value> | null {
    return this.program.maps.port_counters.get({ vip: addressWords(vip), port, protocol }) as Record<
      string,
      Value
    > | null;
  }

  sweep(): Record<string, Value> {
    const layout = this.program.layout('sweep');
    const ran = runProgram(this.program.fd('sweep'), encode(layout, {}));
    return decode(layout, ran.context) as Record<string, Value>;
  }

  close(): void {
    this.program.close();
  }
}

/** struct __sk_buff of linux/bpf.h. */
function contextOf(arrival: Arrival): Uint8Array {
  const context = new DataView(new ArrayBuffer(SKB_SIZE));
  context.setUint32(SKB_INTERFACE, arrival.interface, true);
  context.setUint32(SKB_GSO_SIZE, arrival.gsoSize ?? 0, true);
  context.setUint32(SKB_MARK, arrival.mark ?? 0, true);
  return new Uint8Array(context.buffer);
}

function identityOf(address: string): number {
  return serverIdentity(hashedWords(address)) >>> 0;
}

function expectZeros(exits: readonly unknown[][]): void {
  const failed = exits.filter(([code]) => code !== 0);
  if (failed.length > 0) throw new Error(`${failed.length} threads failed`);
}
