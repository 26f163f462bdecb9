/**
 * Whether another machine has an address: asked on the link before the address is ours, for IPv4 and IPv6 alike
 * (RFC 5227 section 2.1, RFC 4862 section 5.4).
 */
import type { Clock } from '../lib/clock.ts';
import { familyOf, macBytes } from './family.ts';
import { LINK_PROTOCOLS } from './link-protocol.ts';
import type { PacketSocket } from './packet-socket.ts';

/** RFC 5227 has 3 probes, seconds apart. A machine that is on answers within milliseconds, and a restart waits for this. */
export const PROBE_TIMES_MS: readonly number[] = [0, 200, 400];
export const LISTEN_MS = 800;
const LOOK_EVERY_MS = 20;
/** Frames read at one look: a flood of them must not hold up the thread. */
const MOST_FRAMES = 256;

export interface Link {
  readonly index: number;
  readonly mac: string;
}

export interface Findings {
  /** Address to the MAC of the machine that has it. */
  readonly owners: ReadonlyMap<string, string>;
  /** Not asked for: nothing could be sent, so nothing is known of them. */
  readonly unasked: readonly string[];
}

export interface CheckParts {
  readonly clock: Clock;
  /** MACs of this machine: what it says itself is no duplicate. */
  readonly ownMacs: ReadonlySet<string>;
  readonly open: (interfaceIndex: number, etherType: number) => PacketSocket;
}

/**
 * Takes {@link LISTEN_MS}; reads every {@link LOOK_EVERY_MS} and never blocks.
 * @throws PoolgateError what `open` throws
 */
export async function findDuplicates(
  addresses: readonly string[],
  link: Link,
  { clock, ownMacs, open }: CheckParts,
): Promise<Findings> {
  const checks = ([4, 6] as const)
    .map((family) => ({ family, own: addresses.filter((a) => familyOf(a) === family) }))
    .filter(({ own }) => own.length > 0);
  const opened: Check[] = [];
  try {
    for (const { family, own } of checks) {
      const protocol = LINK_PROTOCOLS[family];
      opened.push(new Check(own, link, protocol, ownMacs, open(link.index, protocol.etherType)));
    }
    for (let elapsed = 0; elapsed <= LISTEN_MS; elapsed += LOOK_EVERY_MS) {
      for (const check of opened) check.look(PROBE_TIMES_MS.includes(elapsed));
      if (elapsed < LISTEN_MS) await new Promise<void>((done) => void clock.after(LOOK_EVERY_MS, done));
    }
  } finally {
    for (const check of opened) check.close();
  }
  return {
    owners: new Map(opened.flatMap((check) => [...check.owners])),
    unasked: opened.flatMap((check) => [...check.unasked]),
  };
}

class Check {
  readonly owners = new Map<string, string>();
  readonly unasked: Set<string>;
  readonly #probes: ReadonlyMap<string, Uint8Array>;
  readonly #protocol: (typeof LINK_PROTOCOLS)[4];
  readonly #ownMacs: ReadonlySet<string>;
  readonly #socket: PacketSocket;

  constructor(
    addresses: readonly string[],
    link: Link,
    protocol: (typeof LINK_PROTOCOLS)[4],
    ownMacs: ReadonlySet<string>,
    socket: PacketSocket,
  ) {
    const mac = macBytes(link.mac);
    this.#probes = new Map(addresses.map((address) => [address, protocol.probe(mac, address)]));
    this.#protocol = protocol;
    this.#ownMacs = ownMacs;
    this.#socket = socket;
    this.unasked = new Set(addresses);
  }

  look(ask: boolean): void {
    if (ask) {
      for (const [address, probe] of this.#probes) {
        if (!this.owners.has(address) && this.#socket.send(probe)) this.unasked.delete(address);
      }
    }
    for (let read = 0; read < MOST_FRAMES; read++) {
      const frame = this.#socket.receive();
      if (frame === null) return;
      const claim = this.#protocol.claim(frame);
      if (claim === null || !this.#probes.has(claim.address) || this.#ownMacs.has(claim.mac)) continue;
      // The first to say so is named; more of them change nothing.
      if (!this.owners.has(claim.address)) this.owners.set(claim.address, claim.mac);
    }
  }

  close(): void {
    this.#socket.close();
  }
}
