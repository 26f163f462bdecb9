/**
 * Both halves at work in namespaces: the programs at the balancer's interface decide, the nftables table translates, and
 * real connections go through. Needs root and clang.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reasonNotToRun as noPrograms } from './bpf/test-balancer.ts';
import { addressWords } from './bpf/test-packets.ts';
import { applyTranslation } from './nat/table.ts';
import { NO_TRANSLATION } from './nat/translation.ts';
import type { Held } from './testing/agent.ts';
import type { deciding } from './testing/decider.ts';
import { buildTestbed, reasonNotToRun as noNamespaces, type Testbed, VIP } from './testing/namespaces.ts';

const why = noNamespaces() || noPrograms();
if (why) process.stderr.write(`SKIPPED: the kernel's two halves together: ${why}\n`);

const PORT = 5061;
const SERVERS = 2;

type Deciding = typeof deciding;

class Decider {
  private readonly child: ChildProcess;
  private last = 0;

  private constructor(child: ChildProcess) {
    this.child = child;
  }

  static async start(bed: Testbed): Promise<Decider> {
    const script = fileURLToPath(new URL('testing/decider.ts', import.meta.url));
    const node = [process.execPath, '--disable-warning=ExperimentalWarning', script, 'clients'];
    const child = spawn('ip', ['netns', 'exec', bed.balancer.namespace, ...node], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      serialization: 'advanced',
    });
    await once(child, 'message');
    return new Decider(child);
  }

  async ask<K extends keyof Deciding>(
    what: K,
    ...[argument]: Parameters<Deciding[K]>
  ): Promise<ReturnType<Deciding[K]>> {
    const id = ++this.last;
    const answer = new Promise<{ result: never; error?: string }>((resolve) => {
      const hear = (message: { id: number; result: never; error?: string }): void => {
        if (message.id !== id) return;
        this.child.off('message', hear);
        resolve(message);
      };
      this.child.on('message', hear);
    });
    this.child.send({ id, what, argument });
    const { result, error } = await answer;
    if (error !== undefined) throw new Error(error);
    return result;
  }

  async configure(weights: readonly number[], selectable = true): Promise<void> {
    const servers = weights.map((weight, i) => ({ weight, selectable: selectable ? 1 : 0, target: 1 + i }));
    await this.ask('set', { map: 'pools', key: 0, value: { count: weights.length, servers } });
    await this.ask('set', {
      map: 'services',
      key: 0,
      value: { pool: 0, scheduler: 3, source_count: 4, sources: [1, 2, 3, 4] },
    });
    await this.ask('set', {
      map: 'vips',
      key: { vip: addressWords(VIP), protocol: 6 },
      value: { count: 1, ranges: [{ first: PORT, last: PORT, service: 0 }] },
    });
  }

  async active(): Promise<number[]> {
    const state = (await this.ask('get', { map: 'pool_states', key: 0 })) as { active: number[] };
    return state.active.slice(0, SERVERS);
  }

  async kill(): Promise<void> {
    // It stands behind `ip netns exec`, which became it.
    this.child.kill('SIGKILL');
    await once(this.child, 'exit');
  }
}

/** How many of the connections each server, or each source, has; both as the server saw them. */
function tally(held: readonly Held[], word: number): number[] {
  const seen = held.map(({ greeting }) => greeting?.split(' ')[word] ?? 'none');
  return [...Map.groupBy(seen, (name) => name)].toSorted().map(([, those]) => those.length);
}

describe.skipIf(Boolean(why)).each(['two-armed', 'one-armed'] as const)('both halves, %s', (arms) => {
  let bed: Testbed;
  let decider: Decider;

  beforeAll(async () => {
    bed = await buildTestbed(arms);
    for (const host of bed.servers) await bed.server.call('serve', { host, ports: [PORT] });
    await applyTranslation(
      {
        ...NO_TRANSLATION,
        targets: bed.servers.map((address, i) => ({ number: 1 + i, address, port: null })),
        sources: bed.sources.map((address, i) => ({ number: 1 + i, address, ports: null })),
        services: [{ vip: VIP, protocol: 'tcp', ports: { first: PORT, last: PORT }, idleS: 1800 }],
        noRedirects: ['clients'],
      },
      bed.nft,
    );
    decider = await Decider.start(bed);
    await decider.configure([1, 2]);
    await decider.ask('attach');
  }, 30_000);
  afterAll(() => bed?.close());

  function open(count: number): Promise<Held[]> {
    return Promise.all(
      Array.from({ length: count }, () => bed.client.call('connect', { host: VIP, port: PORT })),
    );
  }

  it('300 opened at once, weights 1:2: exactly 100 and 200, from four sources evenly; closed, the counts are zero', async () => {
    const held = await open(300);
    expect(tally(held, 2)).toEqual([100, 200]);
    expect(tally(held, 0)).toEqual([75, 75, 75, 75]);
    expect(await decider.active()).toEqual([100, 200]);
    const ids = held.map(({ id }) => id);
    expect(await bed.client.call('echo', { ids })).toBe(300);
    await bed.client.call('close', { ids });
    await expect.poll(() => decider.active(), { timeout: 5000 }).toEqual([0, 0]);
  });

  it('no usable server: a connect is refused at once', async () => {
    await decider.configure([1, 2], false);
    const [refused] = await open(1);
    expect(refused?.error).toBe('ECONNREFUSED');
    await decider.configure([1, 2]);
    expect((await open(1))[0]?.error).toBeNull();
  });

  it('the process that decided is killed: open connections and new ones go on', async () => {
    const before = await open(6);
    expect(await decider.ask('attached')).toEqual([true, true]);
    await decider.kill();
    const after = await open(6);
    expect(tally(after, 2)).toEqual([2, 4]);
    const ids = [...before, ...after].map(({ id }) => id);
    expect(await bed.client.call('echo', { ids })).toBe(12);

    const next = await Decider.start(bed);
    expect(await next.ask('attached')).toEqual([true, true]);
    await next.ask('detach');
    expect(await next.ask('attached')).toEqual([false, false]);
  });
});
