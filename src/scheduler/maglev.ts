/**
 * The lookup table of Maglev hashing (Eisenbud and others, "Maglev: A Fast and Reliable Software Network Load Balancer",
 * NSDI 2016, section 3.4), weighted: every server goes through the places of the table in an order of its own and takes
 * the next one that is free whenever it is its turn; a server with half of the weight has half of the turns.
 */
import { mix } from './identity.ts';

/** A prime, so that every step goes through all places; more than a hundred for each of 63 servers of one weight. */
export const MAGLEV_SIZE = 65_537;
/** In a place of a table without servers. */
export const NOBODY = 255;

export interface Candidate {
  /** 0 to 254: what the table names the server by. */
  readonly position: number;
  readonly identity: number;
  /** 1 to 65535. */
  readonly weight: number;
}

/**
 * Depends on the servers and not on the order in which they are given. A share of the table is the share of the weights,
 * to within one per cent of it or one place of the table, whichever is more; every server has one place at least.
 */
export function maglevTable(servers: readonly Candidate[]): Uint8Array<ArrayBuffer> {
  const table = new Uint8Array(MAGLEV_SIZE).fill(NOBODY);
  if (servers.length === 0) return table;
  const turns = [...servers].sort((a, b) => a.identity - b.identity || a.position - b.position).map(turnOf);
  const heaviest = Math.max(...servers.map((s) => s.weight));
  let free = MAGLEV_SIZE;
  for (let round = 1; ; round++) {
    for (const turn of turns) {
      if (round * turn.weight < turn.due) continue;
      turn.due += heaviest;
      while (table[turn.place] !== NOBODY) turn.place = (turn.place + turn.step) % MAGLEV_SIZE;
      table[turn.place] = turn.position;
      if (--free === 0) return table;
    }
  }
}

/** Where a server stands in its own order of places; its next place is due when its weight has added up to `due`. */
function turnOf({ position, identity, weight }: Candidate): {
  readonly position: number;
  readonly weight: number;
  readonly step: number;
  place: number;
  due: number;
} {
  const place = mix(identity, 0x6d61676c) % MAGLEV_SIZE;
  const step = (mix(identity, 0x65763031) % (MAGLEV_SIZE - 1)) + 1;
  return { position, weight, step, place, due: 0 };
}
