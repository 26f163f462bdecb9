/** Any sequence of wishes, failures, reloads and restarts against a model that fits on a page. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AdminState, EffectiveConfig, EffectiveServer } from '../model/effective.ts';
import type { Bench } from './testing.ts';
import { check, config, readyBench, server, textOf } from './testing.ts';

const NAMES = ['fe01', 'fe02', 'fe03'] as const;
const DRAIN_MS = 100_000;
/** Enough for any check to reach its verdict after anything changed. */
const SETTLE_MS = 40_000;

interface FileServer {
  readonly admin: AdminState;
  readonly weight: number;
}
type Wanted = Readonly<Partial<Record<(typeof NAMES)[number], FileServer>>>;

type Step =
  | { readonly do: 'admin'; readonly name: (typeof NAMES)[number]; readonly admin: AdminState }
  | { readonly do: 'weight'; readonly name: (typeof NAMES)[number]; readonly weight: number }
  | { readonly do: 'network'; readonly name: (typeof NAMES)[number]; readonly refuses: boolean }
  | { readonly do: 'apply'; readonly servers: Wanted; readonly by: 'api' | 'file' }
  | { readonly do: 'connect'; readonly name: (typeof NAMES)[number] }
  | { readonly do: 'plane fails' }
  | { readonly do: 'restart' };

const admin = fc.constantFrom<AdminState>('ready', 'ready', 'drain', 'maint');
const weight = fc.constantFrom(0, 1, 1, 2);
const name = fc.constantFrom(...NAMES);
const wanted: fc.Arbitrary<Wanted> = fc.record(
  Object.fromEntries(NAMES.map((n) => [n, fc.record({ admin, weight }, { noNullPrototype: true })])),
  { requiredKeys: [], noNullPrototype: true },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('admin' as const), name, admin }),
  fc.record({ do: fc.constant('weight' as const), name, weight }),
  fc.record({ do: fc.constant('network' as const), name, refuses: fc.boolean() }),
  fc.record({ do: fc.constant('apply' as const), servers: wanted, by: fc.constantFrom('api', 'file') }),
  { weight: 3, arbitrary: fc.record({ do: fc.constant('connect' as const), name }) },
  fc.constant<Step>({ do: 'plane fails' }),
  fc.constant<Step>({ do: 'restart' }),
);

interface ModelServer {
  file: FileServer;
  liveAdmin: AdminState | null;
  liveWeight: number | null;
  health: 'unknown' | 'up' | 'down';
  drainingSince: number | null;
  open: number;
}

class Model {
  servers = new Map<string, ModelServer>();
  readonly refusing = new Set<string>();
  now = 0;

  read(servers: Wanted): void {
    const next = new Map<string, ModelServer>();
    for (const [n, file] of Object.entries(servers)) {
      const old = this.servers.get(n);
      next.set(n, {
        file,
        liveAdmin: old && old.file.admin === file.admin ? old.liveAdmin : null,
        liveWeight: old && old.file.weight === file.weight ? old.liveWeight : null,
        health: old?.health ?? 'unknown',
        drainingSince: old?.drainingSince ?? null,
        open: old?.open ?? 0,
      });
    }
    this.servers = next;
  }

  restart(): void {
    for (const s of this.servers.values())
      Object.assign(s, { open: 0, health: 'unknown', drainingSince: null });
  }

  admin(s: ModelServer): AdminState {
    return s.liveAdmin ?? s.file.admin;
  }

  weight(s: ModelServer): number {
    return s.liveWeight ?? s.file.weight;
  }

  selectable(s: ModelServer): boolean {
    return this.admin(s) === 'ready' && this.weight(s) > 0 && s.health === 'up';
  }

  /** After a step: drains begin or end; then time passes, drains expire, checks reach their verdicts. */
  pass(ms: number): void {
    for (const [n, s] of this.servers) {
      const drains = this.admin(s) === 'drain' || (this.admin(s) === 'ready' && this.weight(s) === 0);
      s.drainingSince = drains ? (s.drainingSince ?? this.now) : null;
      if (drains && this.now + ms - (s.drainingSince ?? 0) >= DRAIN_MS) s.open = 0;
      const health = this.admin(s) === 'maint' ? 'unknown' : this.refusing.has(n) ? 'down' : 'up';
      if (health === 'down' && s.health !== 'down') s.open = 0;
      s.health = health;
    }
    this.now += ms;
  }
}

function configOf(servers: Wanted): EffectiveConfig {
  const realServers = Object.entries(servers).map(([n, s]): EffectiveServer => server(n, s));
  const healthChecks = [check(5061, { intervalMs: 10_000, rise: 2, fall: 2 })];
  return config({ realServers, healthChecks, drain: { timeoutMs: DRAIN_MS, keepPersistence: false } });
}

const FIRST: Wanted = { fe01: { admin: 'ready', weight: 1 }, fe02: { admin: 'ready', weight: 2 } };

/** Does the step to both; a step that the plane refused must have changed nothing, so the model is not told. */
async function take(step: Step, bench: Bench, model: Model): Promise<Bench> {
  try {
    return await HANDLERS[step.do](step as never, bench, model);
  } catch (error) {
    if (!String(error).includes('no room')) throw error;
    if (step.do === 'apply' && step.by === 'file') bench.file.disk = bench.controller.configText().text;
    return bench;
  }
}

type Handlers = {
  readonly [K in Step['do']]: (step: Extract<Step, { do: K }>, bench: Bench, model: Model) => Promise<Bench>;
};

const HANDLERS: Handlers = {
  admin: async (step, bench, model) => {
    const s = model.servers.get(step.name);
    if (!s) return bench;
    await bench.controller.setAdmin(`ocspool/${step.name}`, step.admin, 'api');
    s.liveAdmin = step.admin;
    return bench;
  },
  weight: async (step, bench, model) => {
    const s = model.servers.get(step.name);
    if (!s) return bench;
    await bench.controller.setWeight(step.name, step.weight, 'api');
    s.liveWeight = step.weight;
    return bench;
  },
  network: async (step, bench, model) => {
    const where = `10.0.0.${40 + Number(step.name.slice(-2))}:5061`;
    if (step.refuses) bench.net.refusing.add(where);
    else bench.net.refusing.delete(where);
    if (step.refuses) model.refusing.add(step.name);
    else model.refusing.delete(step.name);
    return bench;
  },
  apply: async (step, bench, model) => {
    const text = textOf(configOf(step.servers));
    if (step.by === 'file') {
      bench.file.disk = text;
      await bench.controller.reload('signal');
    } else {
      await bench.controller.apply(text, 'api');
    }
    model.read(step.servers);
    return bench;
  },
  connect: async (step, bench, model) => {
    const s = model.servers.get(step.name);
    if (!s || !model.selectable(s)) return bench;
    bench.plane.open('ocs', 443, step.name);
    s.open++;
    return bench;
  },
  'plane fails': async (_, bench) => {
    bench.plane.failApply(new Error('no room'));
    return bench;
  },
  restart: async (_, bench, model) => {
    const next = await bench.restart();
    await next.controller.start();
    model.restart();
    return next;
  },
};

function shown(bench: Bench) {
  const plane = new Map(
    bench.plane.state().pools.flatMap((p) => p.servers.map((s) => [s.name, s.selectable])),
  );
  return bench.controller.servers().map((s) => ({
    name: s.name,
    admin: s.admin,
    weight: s.weight,
    health: s.health,
    usable: s.usable,
    inPlane: plane.get(s.name),
    open: s.active,
  }));
}

function expected(model: Model) {
  return [...model.servers].map(([n, s]) => ({
    name: n,
    admin: model.admin(s),
    weight: model.weight(s),
    health: s.health,
    usable: model.selectable(s),
    inPlane: model.selectable(s),
    open: s.open,
  }));
}

test('a thousand random steps', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 60, size: 'max' }), async (steps) => {
      const model = new Model();
      model.read(FIRST);
      let bench = await readyBench(configOf(FIRST));
      await bench.clock.advance(SETTLE_MS);
      model.pass(SETTLE_MS);
      for (const one of steps) {
        bench = await take(one, bench, model);
        await bench.clock.advance(SETTLE_MS);
        model.pass(SETTLE_MS);
        expect(shown(bench)).toEqual(expected(model));
        expect(bench.file.disk).toBe(bench.controller.configText().text);
        expect(bench.file.pending).toBe(0);
      }
      await bench.end();
      expect(bench.clock.pending()).toBe(0);
    }),
    { numRuns: 40 },
  );
});
