import { AF_INET, Memory } from './libc.ts';
import { encodeSockaddr } from './sockaddr.ts';

/** The SNAT pool of a service, as the control thread sends it. */
export interface SourceSettings {
  readonly addresses: readonly { readonly id: number; readonly address: string }[];
  /** Null: the system's own range of ports (ip_local_port_range). */
  readonly ports: { readonly first: number; readonly last: number } | null;
}

/** One address that connections to servers come from, as one service in one worker uses it. */
export class SourceAddress {
  /** The address in all of the data plane (names.ts). */
  readonly id: number;
  /** struct sockaddr in kernel-visible memory; the port is written in before each bind. */
  readonly memory: Memory;
  readonly length: number;
  readonly family: number;
  /** Whether we choose the port; if not, the kernel does, and there is one choice to try. */
  readonly hasPorts: boolean;
  readonly portCount: number;
  private readonly firstPort: number;
  private cursor: number;

  constructor(id: number, address: string, ports: SourceSettings['ports']) {
    const sockaddr = encodeSockaddr(address, 0);
    this.id = id;
    this.memory = new Memory(sockaddr.length);
    this.memory.bytes.set(sockaddr);
    this.length = sockaddr.length;
    this.family = sockaddr[0] ?? 0;
    this.hasPorts = ports !== null;
    this.firstPort = ports?.first ?? 0;
    this.portCount = ports ? ports.last - ports.first + 1 : 1;
    // Workers start at different places, so that they do not try the same ports one after the other.
    this.cursor = Math.floor(Math.random() * this.portCount);
  }

  /** The ports in turn: the one that was used longest ago is the least likely to linger in TIME_WAIT. */
  nextPort(): number {
    this.cursor = (this.cursor + 1) % this.portCount;
    return this.firstPort + this.cursor;
  }
}

/** Source addresses of one family, each in its turn. */
export class Turns {
  readonly count: number;
  private readonly addresses: readonly SourceAddress[];
  private turn = 0;

  constructor(addresses: readonly SourceAddress[]) {
    this.addresses = addresses;
    this.count = addresses.length;
  }

  /** The next one; as many calls as there are addresses give each once. */
  next(): SourceAddress {
    this.turn = (this.turn + 1) % this.count;
    return this.addresses[this.turn]!;
  }
}

/** All source addresses of a service. */
export class Sources {
  private readonly v4: Turns;
  private readonly v6: Turns;

  constructor({ addresses, ports }: SourceSettings) {
    const all = addresses.map(({ id, address }) => new SourceAddress(id, address, ports));
    this.v4 = new Turns(all.filter(({ family }) => family === AF_INET));
    this.v6 = new Turns(all.filter(({ family }) => family !== AF_INET));
  }

  of(family: number): Turns {
    return family === AF_INET ? this.v4 : this.v6;
  }
}
