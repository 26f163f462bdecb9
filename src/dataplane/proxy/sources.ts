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

/** All source addresses of a service, by family, each in its turn. */
export class Sources {
  private readonly v4: readonly SourceAddress[];
  private readonly v6: readonly SourceAddress[];
  private turn = 0;

  constructor({ addresses, ports }: SourceSettings) {
    const all = addresses.map(({ id, address }) => new SourceAddress(id, address, ports));
    this.v4 = all.filter(({ family }) => family === AF_INET);
    this.v6 = all.filter(({ family }) => family !== AF_INET);
  }

  of(family: number): readonly SourceAddress[] {
    return family === AF_INET ? this.v4 : this.v6;
  }

  /** The next of the addresses that {@link of} gave; as many calls as there are addresses give each once. */
  next(addresses: readonly SourceAddress[]): SourceAddress {
    this.turn = (this.turn + 1) % addresses.length;
    return addresses[this.turn]!;
  }
}
