/**
 * The whole plane at work in namespaces: the programs at the balancer's interface decide, the nftables table translates,
 * and real connections go through. Needs root and clang.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DesiredState } from '../dataplane.ts';
import { EMPTY_STATE } from '../dataplane.ts';
import { diffDesired } from '../diff.ts';
import { PLAIN_SERVER, PLAIN_SERVICE } from '../plain.ts';
import { reasonNotToRun as noPrograms } from './bpf/test-balancer.ts';
import type { KernelPlaneOptions } from './plane.ts';
import type { Held } from './testing/agent.ts';
import { HostedPlane } from './testing/hosted-plane.ts';
import { buildTestbed, reasonNotToRun as noNamespaces, type Testbed, VIP } from './testing/namespaces.ts';

const why = noNamespaces() || noPrograms();
if (why) process.stderr.write(`SKIPPED: the kernel plane in namespaces: ${why}\n`);

const PORT = 5061;

/** How many of the connections each server, or each source, has; both as the server saw them. */
function tally(held: readonly Held[], ...words: number[]): number[] {
  const seen = held.map(({ greeting }) =>
    words.map((word) => greeting?.split(' ')[word] ?? 'none').join(' '),
  );
  return [...Map.groupBy(seen, (name) => name)].toSorted().map(([, those]) => those.length);
}

describe.skipIf(Boolean(why)).each(['two-armed', 'one-armed'] as const)('the kernel plane, %s', (arms) => {
  let bed: Testbed;
  let root: string;
  let options: Omit<KernelPlaneOptions, 'onTrouble'>;
  let plane: HostedPlane;
  let state: DesiredState = EMPTY_STATE;

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'poolgate-plane-'));
    execFileSync('mount', ['-t', 'bpf', 'bpf', root]);
    bed = await buildTestbed(arms);
    for (const host of bed.servers) await bed.server.call('serve', { host, ports: [PORT] });
    options = {
      interfaces: bed.interfaces,
      serversInterface: bed.interfaces[1] ?? null,
      forwarding: { allow: 'all' },
      noRedirects: ['clients'],
      connections: 20_000,
      runFolder: join(tmpdir(), `poolgate-run-${process.pid}-${arms}`),
      pins: join(root, 'poolgate'),
    };
    plane = await HostedPlane.start(bed.balancer.namespace, options);
    await apply(balanced([1, 2]));
  }, 30_000);
  afterAll(async () => {
    await plane?.end().catch(() => {});
    bed?.close();
    execFileSync('umount', [root]);
    for (const folder of [root, options.runFolder ?? root]) rmSync(folder, { recursive: true, force: true });
  });

  function balanced(weights: readonly number[], selectable = true): DesiredState {
    return {
      pools: [
        {
          name: 'p',
          fallback: null,
          servers: weights.map((weight, i) => {
            const address = bed.servers[i] ?? '';
            return { ...PLAIN_SERVER, name: `s${i}`, address, weight, selectable };
          }),
        },
      ],
      services: [
        {
          name: 's',
          settings: {
            ...PLAIN_SERVICE,
            pool: 'p',
            scheduler: 'wlc',
            redispatch: true,
            snat: { addresses: bed.sources, ports: null },
            connectTimeoutMs: 4000,
            idleTimeoutMs: 1_800_000,
            udpIdleMs: 60_000,
          },
          ports: [{ vip: VIP, protocol: 'tcp', port: PORT, serverPort: PORT }],
        },
      ],
    };
  }

  async function apply(next: DesiredState): Promise<void> {
    await plane.apply(diffDesired(state, next));
    state = next;
  }

  async function active(): Promise<number[]> {
    const { servers } = await plane.counters();
    return [...servers.values()].map((server) => server.active);
  }

  function open(count: number): Promise<Held[]> {
    return Promise.all(
      Array.from({ length: count }, () => bed.client.call('connect', { host: VIP, port: PORT })),
    );
  }

  it('300 opened at once, weights 1:2: exactly 100 and 200, from four sources evenly; closed, the counts are zero', async () => {
    const held = await open(300);
    expect(tally(held, 2)).toEqual([100, 200]);
    expect(tally(held, 0)).toEqual([75, 75, 75, 75]);
    // Each server has each source evenly, for it has each port of each of them once.
    expect(tally(held, 2, 0)).toEqual([25, 25, 25, 25, 50, 50, 50, 50]);
    expect(await active()).toEqual([100, 200]);
    const ids = held.map(({ id }) => id);
    expect(await bed.client.call('echo', { ids })).toBe(300);
    await bed.client.call('close', { ids });
    await expect.poll(active, { timeout: 5000 }).toEqual([0, 0]);
  });

  it('no usable server: a connect is refused at once', async () => {
    await apply(balanced([1, 2], false));
    const [refused] = await open(1);
    expect(refused?.error).toBe('ECONNREFUSED');
    await apply(balanced([1, 2]));
    expect((await open(1))[0]?.error).toBeNull();
    await plane.reset({});
  });

  it('one connection is killed by its id, and a server that is removed takes its own along: both ends are reset', async () => {
    const held = await open(9);
    const ids = held.map(({ id }) => id);
    const listed = await plane.connections();
    expect(listed.map(({ client }) => client).toSorted()).toEqual(
      held.map(({ local, localPort }) => `${local}:${localPort}`).toSorted(),
    );
    const [one] = listed;
    expect(one?.source).toMatch(new RegExp(`^(${bed.sources.join('|')}):\\d+$`));
    expect(await plane.reset({ id: one?.id ?? '' })).toBe(1);
    const killed = held.findIndex(({ local, localPort }) => `${local}:${localPort}` === one?.client);
    const states = (): Promise<string[]> => bed.client.call('states', { ids });
    await expect.poll(states).toEqual(ids.map((_, i) => (i === killed ? 'ECONNRESET' : 'open')));

    await apply(balanced([1]));
    const onFirst = held.map(({ greeting }, i) => i !== killed && greeting?.split(' ')[2] === bed.servers[0]);
    await expect.poll(states).toEqual(onFirst.map((stays) => (stays ? 'open' : 'ECONNRESET')));
    expect(await active()).toEqual([onFirst.filter(Boolean).length]);
    const ends = Object.values(await bed.server.servedStates());
    expect(ends.filter((one) => one === 'open')).toHaveLength(onFirst.filter(Boolean).length);
    await plane.reset({});
    await apply(balanced([1, 2]));
    expect(await active()).toEqual([0, 0]);
  });

  it('idle connections expire on both ends', async () => {
    const short = balanced([1, 2]);
    const services = short.services.map((s) => ({ ...s, settings: { ...s.settings, idleTimeoutMs: 1000 } }));
    await apply({ ...short, services });
    const held = await open(4);
    const ids = held.map(({ id }) => id);
    await expect
      .poll(() => bed.client.call('states', { ids }), { timeout: 10_000 })
      .toEqual(['ECONNRESET', 'ECONNRESET', 'ECONNRESET', 'ECONNRESET']);
    expect(await active()).toEqual([0, 0]);
    await apply(balanced([1, 2]));
  });

  it('the process is killed: open and new connections go on, and the next process goes on with them', async () => {
    const before = await open(6);
    await plane.end();
    const after = await open(6);
    expect(tally([...before, ...after], 2)).toEqual([4, 8]);
    const ids = [...before, ...after].map(({ id }) => id);
    expect(await bed.client.call('echo', { ids })).toBe(12);

    plane = await HostedPlane.start(bed.balancer.namespace, options);
    expect(await plane.adopted()).toBe(true);
    await plane.apply(diffDesired(EMPTY_STATE, balanced([1, 2])));
    expect(await active()).toEqual([4, 8]);
    expect(await bed.client.call('echo', { ids })).toBe(12);
    expect(tally(await open(3), 2)).toEqual([1, 2]);
    expect(await plane.connections()).toHaveLength(15);
  });

  it('a clean stop takes everything away', async () => {
    await plane.close(0);
    for (const name of bed.interfaces) {
      for (const direction of ['ingress', 'egress']) {
        expect(bed.run(bed.balancer, 'tc', 'filter', 'show', 'dev', name, direction)).toBe('');
      }
    }
    expect(bed.run(bed.balancer, 'nft', 'list', 'tables')).toBe('');
    expect(existsSync(options.pins ?? '')).toBe(false);
    expect(existsSync(join(options.runFolder ?? '', 'kernel-plane.json'))).toBe(false);
  });
});
