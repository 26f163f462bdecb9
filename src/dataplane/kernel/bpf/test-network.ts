/**
 * For tests of the short way: this thread in a network namespace of its own, with routes to clients by one interface and to
 * servers by another one, and the programs told that they stand there.
 */
import { execFileSync } from 'node:child_process';
import { sys } from '../../proxy/libc.ts';
import { moveApart } from '../testing/apart.ts';
import { type Arrival, type Arrived, type ServiceWishes, TestBalancer, VIP, VIP6 } from './test-balancer.ts';
import { addressWords, packet, type PacketWishes } from './test-packets.ts';
import { read, type Read } from './test-reading.ts';

export const CLIENT = '198.51.100.7';
export const CLIENT6 = '2001:db8:1::7';
export const SERVER = '203.0.113.51';
export const SERVER6 = '2001:db8:2::51';
export const SOURCE = '203.0.113.44';
export const SOURCE6 = '2001:db8:2::44';

/** TC_ACT_UNSPEC, TC_ACT_SHOT and TC_ACT_REDIRECT (linux/pkt_cls.h). */
export const PASSED = -1;
export const DROPPED = 2;
export const SENT_ON = 7;
export const TRANSLATED = 0x50fffffd;

/** That packets are sent to, as test-packets.ts has it. */
const LINK = '02:00:00:00:00:01';

export interface SourceWishes {
  readonly address: string;
  readonly first: number;
  readonly last: number;
}

export class TestNetwork {
  readonly balancer: TestBalancer;
  readonly clients: number;
  readonly servers: number;

  /** @param ends namespaces of a client and of a server that there really are, behind `eth0`; without them nobody is there */
  constructor(ends?: { readonly clients: string; readonly servers: string }) {
    moveApart();
    const make = (name: 'clients' | 'servers', ...addresses: string[]): number => {
      const peer = ends ? ['eth0', 'netns', ends[name]] : [`${name}-end`];
      ip('link', 'add', name, 'address', LINK, 'type', 'veth', 'peer', 'name', ...peer);
      if (!ends) ip('link', 'set', `${name}-end`, 'up');
      for (const one of addresses)
        ip('address', 'add', one, 'dev', name, ...(one.includes(':') ? ['nodad'] : []));
      ip('link', 'set', name, 'up');
      return sys.if_nametoindex(name);
    };
    ip('link', 'set', 'lo', 'up');
    this.clients = make('clients', '198.51.100.1/24', '2001:db8:1::1/64', `${VIP}/32`, `${VIP6}/128`);
    this.servers = make('servers', '203.0.113.1/24', '2001:db8:2::1/64');
    execFileSync('sysctl', ['-q', '-w', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1']);
    this.balancer = new TestBalancer([]);
    this.stand();
  }

  /** Tells the programs where they stand. */
  stand(hooked: readonly number[] = [this.clients, this.servers]): void {
    this.balancer.program.maps.places.set(0, { hooked, of_servers: this.servers, salt: 0 });
  }

  setMtu(name: 'clients' | 'servers', mtu: number): void {
    ip('link', 'set', name, 'mtu', String(mtu));
  }

  /** Forgets all connections; servers and service are these from now on. */
  begin(servers: readonly string[], service: ServiceWishes, sources: readonly SourceWishes[] = []): void {
    const { maps } = this.balancer.program;
    for (const map of [maps.connections, maps.ways, maps.port_counters]) {
      for (const key of map.keys()) map.delete(key);
    }
    maps.pool_states.set(0, {});
    maps.service_states.set(0, {});
    this.balancer.setServers(servers.map((address) => ({ address })));
    this.balancer.setService({ shortWay: true, sources: sources.length, ...service });
    sources.forEach(({ address, first, last }, i) =>
      maps.source_addresses.set(i + 1, {
        address: addressWords(address),
        first_port: first,
        last_port: last,
      }),
    );
  }

  /** What becomes of a packet of a client. */
  up(wishes: PacketWishes, arrival: Partial<Arrival> = {}): Arrived & { seen: Read } {
    return this.arrive(packet(wishes), { interface: this.clients, ...arrival });
  }

  /** Of a server. */
  down(wishes: PacketWishes, arrival: Partial<Arrival> = {}): Arrived & { seen: Read } {
    return this.arrive(packet(wishes), { interface: this.servers, ...arrival });
  }

  arrive(bytes: Uint8Array, arrival: Arrival): Arrived & { seen: Read } {
    const arrived = this.balancer.arrive('from_clients', bytes, arrival);
    return { ...arrived, seen: read(arrived.data) };
  }
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] });
}
