import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createAddressTable } from './address-table.ts';
import { Chooser, release } from '../chooser.ts';
import { addressWords } from './client-address.ts';
import { Guard } from './guard.ts';
import { Holds } from './holds.ts';
import { AT_SERVICE_LIMIT, AT_SOURCE_LIMIT, NO_SERVER } from '../refusals.ts';
import { serverId, shareState } from '../common-state.ts';
import { SOURCES } from './source-limits.ts';

const SERVERS = 3;
const ENTRIES = 3;
const TIMEOUT = 4;
const PER_SOURCE = 4;
const PER_SERVICE = 9;

interface Entry {
  readonly client: number;
  server: number | null;
  holders: number;
}

/** What a service by rr, with persistence and limits, does: in plain words, and one thing after the other. */
class Model {
  now = 0;
  readonly usable = [true, true, true];
  readonly open: { client: number; server: number; entry: Entry | null }[] = [];
  /** Those that nobody holds stand in the order of their last use. */
  private entries: { entry: Entry; since: number }[] = [];
  private next = 0;

  connect(client: number): number {
    if (this.open.length >= PER_SERVICE) return AT_SERVICE_LIMIT;
    if (this.open.filter((c) => c.client === client).length >= PER_SOURCE) return AT_SOURCE_LIMIT;
    this.entries = this.entries.filter(({ entry, since }) => entry.holders > 0 || since > this.now - TIMEOUT);
    const known = this.entries.find(({ entry }) => entry.client === client)?.entry ?? null;
    const returns = known?.server !== null && known !== null && this.usable[known.server];
    const server = returns ? (known.server as number) : this.rotate();
    if (known) known.server = server < 0 ? null : server;
    if (server < 0) return NO_SERVER;
    const entry = known ?? this.add(client, server);
    if (entry) entry.holders += 1;
    this.open.push({ client, server, entry });
    return server;
  }

  close(at: number): void {
    const [{ entry }] = this.open.splice(at, 1) as [Model['open'][number]];
    if (!entry) return;
    entry.holders -= 1;
    if (entry.holders > 0) return;
    this.entries = this.entries.filter((e) => e.entry !== entry);
    this.entries.push({ entry, since: this.now });
  }

  private rotate(): number {
    for (let step = 0; step < SERVERS; step++) {
      const at = (this.next + step) % SERVERS;
      if (!this.usable[at]) continue;
      this.next = at + 1;
      return at;
    }
    return -1;
  }

  private add(client: number, server: number): Entry | null {
    if (this.entries.length === ENTRIES) {
      const oldest = this.entries.findIndex(({ entry }) => entry.holders === 0);
      if (oldest < 0) return null;
      this.entries.splice(oldest, 1);
    }
    const entry = { client, server, holders: 0 };
    this.entries.push({ entry, since: this.now });
    return entry;
  }
}

function makeReal(now: () => number) {
  const shared = shareState(1);
  for (let i = 0; i < SERVERS; i++) {
    shared.weight[serverId(0, i)] = 1;
    shared.selectable[serverId(0, i)] = 1;
  }
  shared.count[0] = SERVERS;
  const persistence = { buffer: createAddressTable(ENTRIES), maxEntries: ENTRIES, timeoutMs: TIMEOUT };
  const sources = { buffer: createAddressTable(SOURCES), connections: PER_SOURCE, perSecond: 0 };
  const guard = new Guard(shared, 0, { epoch: 1, maxConnections: PER_SERVICE, persistence, sources }, now);
  const chooser = new Chooser(shared, 0, { pool: 0, scheduler: 'rr' }, guard);
  const holds = new Holds(1000);
  const open: { slot: number; server: number }[] = [];
  let slot = 0;
  return {
    shared,
    open,
    connect(client: number) {
      const server = chooser.choose(addressWords(`10.0.0.${client}`), -1, holds, slot);
      if (server >= 0) open.push({ slot, server });
      slot += 1;
      return server;
    },
    close(at: number) {
      const [gone] = open.splice(at, 1);
      release(shared, gone!.server);
      guard.letGo(holds, gone!.slot);
    },
  };
}

const step = fc.record({
  op: fc.constantFrom('connect', 'connect', 'close', 'close', 'wait', 'server'),
  which: fc.nat(5),
  by: fc.nat(6),
});

interface Step {
  readonly op: string;
  readonly which: number;
  readonly by: number;
}

/** @returns what a connect came to; else 0 */
function takeModelStep(model: Model, { op, which, by }: Step): number {
  if (op === 'connect') return model.connect(which);
  if (op === 'wait') model.now += by;
  else if (op === 'server') model.usable[which % SERVERS] = by > 1;
  else if (model.open.length > 0) model.close((which * 7 + by) % model.open.length);
  return 0;
}

function takeStep(real: ReturnType<typeof makeReal>, { op, which, by }: Step): number {
  if (op === 'connect') return real.connect(which);
  if (op === 'server') real.shared.selectable[serverId(0, which % SERVERS)] = by > 1 ? 1 : 0;
  else if (op === 'close' && real.open.length > 0) real.close((which * 7 + by) % real.open.length);
  return 0;
}

test('any order of connections, ends, waits and verdicts: what a simple model says', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150, size: 'max' }), (steps) => {
      const model = new Model();
      const real = makeReal(() => model.now);
      for (const one of steps) {
        expect(takeStep(real, one)).toBe(takeModelStep(model, one));
        expect(real.shared.serviceHeld[0]).toBe(model.open.length);
      }
    }),
    { numRuns: 300 },
  );
});
