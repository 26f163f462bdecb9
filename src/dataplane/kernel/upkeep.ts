/**
 * Others may take away what is ours: a restart of nftables.service flushes all tables, network services and other programs
 * replace qdiscs, an interface goes and comes back. Connections would then reach no server, though every check is good.
 */
import type { Clock } from '../../lib/clock.ts';
import { type Periodic, periodically } from '../../lib/periodically.ts';
import { sys } from '../proxy/libc.ts';
import { attach, attached, type Direction } from './bpf/attach.ts';

/** How often is looked. */
export const LOOK_EVERY_MS = 5000;

export interface UpkeepParts {
  readonly clock: Clock;
  readonly interfaces: readonly string[];
  /** Descriptors of the programs. */
  readonly programs: Readonly<Record<Direction, number>>;
  /** Makes the table again where it is gone; whether it was. */
  readonly restoreTable: () => Promise<boolean>;
  /** Tells the programs where they are. */
  readonly stand: () => void;
  /** A sentence. */
  readonly tell: (message: string) => void;
}

export interface Upkeep extends Periodic {
  /** Interfaces that came back under another index, with our programs. */
  readonly later: ReadonlySet<number>;
}

/** @param known indexes of the interfaces at the start */
export function keepUp(parts: UpkeepParts, known: readonly number[]): Upkeep {
  const later = new Set<number>();
  let last = '';
  let closed = false;
  const look = async (): Promise<void> => {
    try {
      if (await parts.restoreTable()) {
        parts.tell('The nftables table of Poolgate had been removed by somebody else; made again.');
      }
      // It may have ended meanwhile, and what is attached after that stays for ever.
      for (const name of closed ? [] : parts.interfaces) {
        const index = sys.if_nametoindex(name);
        if (index === 0 || !attachAgain(index, parts)) continue;
        parts.stand();
        if (!known.includes(index)) later.add(index);
        parts.tell(`The programs of Poolgate were not at ${name} any more; attached again.`);
      }
      last = '';
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      if (words !== last) parts.tell(words);
      last = words;
    }
  };
  const looking = periodically(parts.clock, LOOK_EVERY_MS, look);
  return {
    later,
    close: () => {
      closed = true;
      looking.close();
    },
  };
}

/** @returns whether there was something to do */
function attachAgain(index: number, { programs }: UpkeepParts): boolean {
  const gone = (['ingress', 'egress'] as const).filter((direction) => attached(index, direction) === null);
  for (const direction of gone) attach(index, direction, programs[direction]);
  return gone.length > 0;
}
