/** The connections that are open: which ones somebody means, and how they are ended. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { selects } from '../../connection-filter.ts';
import type { Connection, ConnectionFilter } from '../../dataplane.ts';
import type { BpfProgram } from '../bpf/program.ts';
import type { Numbers } from '../maps/numbers.ts';
import { describer, endpoint, numberTest } from '../names.ts';
import type { Endings } from './endings.ts';
import { openRows, type Row } from './table.ts';

const DEFAULT_LIST_LIMIT = 1000;
/** Connections that are ended before others have their turn. */
const ENDED_A_TURN = 256;
const NS_PER_MS = 1_000_000n;

interface Selected {
  readonly row: Row;
  readonly connection: Connection;
}

export class OpenConnections {
  private readonly program: BpfProgram;
  private readonly endings: Endings;

  constructor(program: BpfProgram, endings: Endings) {
    this.program = program;
    this.endings = endings;
  }

  /** @throws PoolgateError SYSTEM */
  list(numbers: Numbers, filter: ConnectionFilter): Connection[] {
    const found = this.select(numbers, filter);
    const oldest = found.sort((a, b) => b.connection.ageMs - a.connection.ageMs);
    return oldest.slice(0, filter.limit ?? DEFAULT_LIST_LIMIT).map(({ row, connection }) => {
      const reply = this.endings.translationOf(row);
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
    const waits = ({ row, connection }: Selected): boolean =>
      row.isHalfOpen && lost.has(`${connection.pool}/${connection.realServer}`);
    return this.endRows(
      this.select(numbers, filter)
        .filter((one) => !waits(one))
        .map(({ row }) => row),
    );
  }

  endAll(): Promise<number> {
    return this.endRows([...openRows(this.program)]);
  }

  /**
   * Ends those of servers and ports that went. Who waits for a server that went may find another one; all others are told.
   * @param redispatching numbers of the services that give a connection another server
   */
  async endGone(fits: (row: Row) => boolean, redispatching: ReadonlySet<number>): Promise<void> {
    const told: Row[] = [];
    for (const row of openRows(this.program)) {
      if (!fits(row)) continue;
      if (row.isHalfOpen && redispatching.has(row.service)) this.endings.move(row);
      else told.push(row);
    }
    await this.endRows(told);
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
    return this.endRows([...openRows(this.program)].filter((row) => row.isFlow && row.activeNs < since));
  }

  private select(numbers: Numbers, filter: ConnectionFilter): Selected[] {
    const fits = numberTest(numbers, filter);
    if (!fits) return [];
    const describe = describer(numbers, process.hrtime.bigint());
    const found: Selected[] = [];
    for (const row of openRows(this.program)) {
      if (!fits(row)) continue;
      const connection = describe(row);
      if (selects(filter, connection)) found.push({ row, connection });
    }
    return found;
  }

  private async endRows(rows: readonly Row[]): Promise<number> {
    let ended = 0;
    for (const [i, row] of rows.entries()) {
      if (this.endings.end(row)) ended += 1;
      if (i % ENDED_A_TURN === ENDED_A_TURN - 1) await nextTurn();
    }
    return ended;
  }
}
