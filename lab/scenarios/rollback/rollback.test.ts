/** An operator breaks something and goes back; another ends one client's connections. Nobody else notices. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Balancer } from '../../balancer/balancer.ts';
import { type ConfigTree, labConfig, serversOf } from '../../balancer/config.ts';
import { idsOf } from '../../clients/crowd.ts';
import { VIP } from '../../net/network.ts';
import { waitFor } from '../../net/wait.ts';
import { buildLab, type Lab, onEachPlane } from '../../scenario.ts';

/** One that is to be cut off, one whose address begins like it, and one more. */
const CULPRIT = '10.0.0.11';
const OTHERS = ['10.0.0.110', '10.0.0.12'];

interface Entry {
  readonly number: number;
  readonly actor: string;
  readonly changes: string;
  readonly current: boolean;
}

onEachPlane('rollback and connections --kill', (plane) => {
  let lab: Lab;
  let balancer: Balancer;

  beforeAll(async () => {
    lab = await buildLab({ plane, ports: [443, 5061] });
    for (const address of [CULPRIT, ...OTHERS]) {
      await lab.network.client.must('ip', ['address', 'add', `${address}/24`, 'dev', 'eth0']);
    }
    balancer = await lab.balance(config(3, [5061, 443]));
  });
  afterAll(() => lab?.close());

  function config(servers: number, ports: readonly number[]): ConfigTree {
    return labConfig({
      plane,
      servers: serversOf(lab.network.servers.slice(0, servers)),
      ports,
      checkPorts: [5061],
    });
  }

  async function history(): Promise<Entry[]> {
    return JSON.parse((await balancer.cli('history', '--format', 'json')).stdout) as Entry[];
  }

  it('apply, break, rollback under traffic: only what the break took is cut, and all is as it was', async () => {
    const good = await readFile(balancer.file, 'utf8');
    const held = await lab.crowd.open({ host: VIP, port: 5061, count: 30, command: 'echo' });
    const load = await lab.crowd.startLoad({ host: VIP, ports: [5061], rate: 100 });
    const onWeb = await lab.crowd.open({ host: VIP, port: 443, count: 5, command: 'echo' });

    await balancer.writeFile('broken.yaml', config(3, [5061]));
    expect(await balancer.cli('apply', balancer.path('broken.yaml'))).toMatchObject({ code: 0 });
    await waitFor('the clients of the forgotten port to be reset', async () =>
      (await lab.crowd.states(idsOf(onWeb))).every((state) => state.error === 'ECONNRESET'),
    );
    const [refused] = await lab.crowd.open({ host: VIP, port: 443, count: 1 });
    expect(refused?.error).toBe('ECONNREFUSED');

    const dry = await balancer.cli('rollback', '--dry-run');
    expect([dry.code, dry.stdout]).toEqual([0, expect.stringContaining('443')]);
    expect((await history()).at(-1)).toMatchObject({ number: 2, actor: 'api', current: true });
    const back = await balancer.cli('rollback');
    expect([back.code, back.stdout]).toEqual([0, dry.stdout]);
    expect(await readFile(balancer.file, 'utf8')).toBe(good);

    const again = await lab.crowd.open({ host: VIP, port: 443, count: 5, command: 'echo' });
    expect(await lab.crowd.exchange([...idsOf(held), ...idsOf(again)])).toEqual([]);
    expect((await lab.crowd.stopLoad(load)).failures).toEqual([]);
    expect(await history()).toMatchObject([
      { number: 1, actor: 'start', changes: 'first start' },
      { number: 2, actor: 'api' },
      { number: 3, actor: 'api', changes: expect.stringMatching(/^back to 1: /), current: true },
    ]);
    await lab.crowd.close();
  });

  it('a file that somebody edited meanwhile is not overwritten', async () => {
    await balancer.writeFile('poolgate.yaml', config(2, [5061]));
    const edited = await readFile(balancer.file, 'utf8');
    const refused = await balancer.cli('rollback');
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('changed on disk')]);
    expect(await readFile(balancer.file, 'utf8')).toBe(edited);
    expect((await balancer.servers()).map((row) => row.name)).toEqual(['fe01', 'fe02', 'fe03']);
    await balancer.writeFile('poolgate.yaml', config(3, [5061, 443]));
  });

  it('the connections of one client are reset, and nobody else’s', async () => {
    const open = (from: string) =>
      lab.crowd.open({ host: VIP, port: 5061, count: 12, command: 'echo', from });
    const load = await lab.crowd.startLoad({ host: VIP, ports: [5061], rate: 100 });
    const culprits = idsOf(await open(CULPRIT));
    const others = (await Promise.all(OTHERS.map(open))).flatMap((states) => idsOf(states));

    const listed = JSON.parse(
      (await balancer.cli('connections', '--client', CULPRIT, '--format', 'json')).stdout,
    ) as { client: string }[];
    expect(listed.map((c) => c.client.split(':')[0])).toEqual(Array(12).fill(CULPRIT));
    expect(await balancer.cli('connections', '--kill')).toMatchObject({ code: 2 });
    expect(await lab.crowd.exchange([...culprits, ...others])).toEqual([]);

    const killed = await balancer.cli('connections', '--client', CULPRIT, '--kill');
    expect([killed.code, killed.stdout]).toEqual([0, '12 connections reset.\n']);
    await waitFor('every one of them to be reset', async () =>
      (await lab.crowd.states(culprits)).every((state) => state.error === 'ECONNRESET'),
    );
    expect(await lab.crowd.exchange(others)).toEqual([]);
    expect((await lab.crowd.stopLoad(load)).failures).toEqual([]);
    expect((await balancer.events()).findLast((e) => e.kind === 'connections-reset')?.message).toBe(
      `By order, 12 connections reset (client ${CULPRIT}).`,
    );
    await lab.crowd.close();
  });
});
