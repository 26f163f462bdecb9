/** The connections that are open: which ones somebody means, and how they are ended. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { selects } from '../../connection-filter.ts';
import type { Connection, ConnectionFilter } from '../../dataplane.ts';
import type { BpfProgram } from '../bpf/program.ts';
import type { Numbers } from '../maps/numbers.ts';
import { describer, endpoint, numberTest } from '../names.ts';
import type { Endings } from './endings.ts';
import { type Ends, openRows, type Row, type Way } from './table.ts';

const DEFAULT_LIST_LIMIT = 1000;
/** Connections that are ended before others have their turn. */
const ENDED_A_TURN = 256;
/** So many more than twice the limit are kept before the young ones are left out. */
const SPARE = 1000;
const NS_PER_MS = 1_000_000n;

interface Selected {
  readonly row: Row;
  readonly connection: Connection;
}

interface Listed {
  readonly ends: Ends;
  readonly way: Way | null;
  readonly connection: Connection;
}

export class OpenConnections {
  private readonly program: BpfProgram;
  private readonly endings: Endings;

  constructor(program: BpfProgram, endings: Endings) {
    this.program = program;
    this.endings = endings;
  }

  /** The oldest. Of the others nothing is kept, however many there are. @throws PoolgateError SYSTEM */
  list(numbers: Numbers, filter: ConnectionFilter): Connection[] {
    const limit = filter.limit ?? DEFAULT_LIST_LIMIT;
    const byAge = (a: Listed, b: Listed): number => b.connection.ageMs - a.connection.ageMs;
    let oldest: Listed[] = [];
    for (const { row, connection } of this.select(numbers, filter)) {
      oldest.push({ ends: row.ends(), way: row.way(), connection });
      if (oldest.length >= 2 * limit + SPARE) oldest = oldest.sort(byAge).slice(0, limit);
    }
    return oldest
      .sort(byAge)
      .slice(0, limit)
      .map(({ ends, way, connection }) => {
        const reply = this.endings.translationOf({ ends: () => ends, way: () => way });
        return { ...connection, source: reply ? endpoint(reply.to, reply.toPort) : '' };
      });
  }

  /**
   * Resets those that the filter selects, but for those that have no server yet and wait for one that is lost: their next
   * SYN goes to another one.
   * @param lost servers as `POOL/SERVER`
   * @returns how many there were
   */
  reset(numbers: Numbers, filter: ConnectionFilter, lost: ReadonlySet<string>): Promise<number> {
    const waits = (row: Row, { pool, realServer }: Connection): boolean =>
      row.isHalfOpen && lost.has(`${pool}/${realServer}`);
    return this.endRows(this.select(numbers, filter), ({ row, connection }) =>
      waits(row, connection) ? null : row,
    );
  }

  endAll(): Promise<number> {
    return this.endRows(openRows(this.program), (row) => row);
  }

  /**
   * Ends those of servers and ports that went. Who waits for a server that went may find another one; all others are told.
   * @param redispatching numbers of the services that give a connection another server
   */
  async endGone(fits: (row: Row) => boolean, redispatching: ReadonlySet<number>): Promise<void> {
    await this.endRows(openRows(this.program), (row) => {
      if (!fits(row)) return null;
      if (!row.isHalfOpen || !redispatching.has(row.service)) return row;
      this.endings.move(row);
      return null;
    });
  }

  /** Has conntrack forget who waits for one of these servers. @param servers as `POOL POSITION`, in numbers */
  forgetWaiting(servers: ReadonlySet<string>): void {
    for (const row of openRows(this.program)) {
      if (row.isHalfOpen && servers.has(`${row.pool} ${row.server}`)) this.endings.forget(row);
    }
  }

  /** Ends flows of UDP, which have no other end, that had no datagram for so long. */
  endQuietFlows(idleMs: number): Promise<number> {
    const since = process.hrtime.bigint() - BigInt(idleMs) * NS_PER_MS;
    return this.endRows(openRows(this.program), (row) => (row.isFlow && row.activeNs < since ? row : null));
  }

  private *select(numbers: Numbers, filter: ConnectionFilter): Generator<Selected> {
    const fits = numberTest(numbers, filter);
    if (!fits) return;
    const describe = describer(numbers, process.hrtime.bigint());
    for (const row of openRows(this.program)) {
      if (!fits(row)) continue;
      const connection = describe(row);
      if (selects(filter, connection)) yield { row, connection };
    }
  }

  /**
   * Ends each as it is found, so that no list of all of them is made; what opens after the beginning is none of them.
   * @param rowOf null: this one goes on
   */
  private async endRows<T>(found: Iterable<T>, rowOf: (one: T) => Row | null): Promise<number> {
    const beganNs = process.hrtime.bigint();
    let ended = 0;
    let looked = 0;
    for (const one of found) {
      const row = rowOf(one);
      if (row && row.openedNs <= beganNs && this.endings.end(row)) ended += 1;
      looked += 1;
      if (looked % ENDED_A_TURN === 0) await nextTurn();
    }
    return ended;
  }
}
