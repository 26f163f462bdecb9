/** A config that is wrong, or that this machine cannot do, changes nothing at all: not the file, not the traffic. */
import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { Balancer } from '../../balancer/balancer.ts';
import { type ConfigTree, labConfig, serversOf } from '../../balancer/config.ts';
import { idsOf } from '../../clients/crowd.ts';
import { VIP } from '../../net/network.ts';
import { waitFor } from '../../net/wait.ts';
import { buildLab, type Lab, onEachPlane } from '../../scenario.ts';
import { StandIn } from '../../servers/stand-in.ts';

onEachPlane('rejected config', (plane) => {
  let lab: Lab;
  let balancer: Balancer;
  let good: ConfigTree;
  let held: number[];

  beforeAll(async () => {
    lab = await buildLab({ plane, ports: [443, 5061] });
    good = labConfig({ plane, servers: serversOf(lab.network.servers, [1, 1, 1]) });
    balancer = await lab.balance(good);
    held = idsOf(await lab.crowd.open({ host: VIP, port: 5061, count: 30, command: 'echo' }));
  });
  afterAll(() => lab?.close());

  async function untouched(text: string): Promise<void> {
    expect(await readFile(balancer.file, 'utf8')).toBe(text);
    expect(await lab.crowd.exchange(held)).toEqual([]);
    expect((await balancer.servers()).map((row) => row.weight)).toEqual([1, 1, 1]);
    const [next] = await lab.crowd.open({ host: VIP, port: 5061, count: 1, command: 'echo' });
    expect(next?.error).toBeNull();
    await lab.crowd.close([next?.id ?? 0]);
  }

  it('apply of a wrong file exits with 1 and names file, line and column', async () => {
    const text = await readFile(balancer.file, 'utf8');
    const wrong = text.replace('scheduler: wlc', 'scheduler: wlcc').replaceAll('weight: 1', 'weight: 9');
    await writeFile(balancer.path('wrong.yaml'), wrong);
    const done = await balancer.cli('apply', balancer.path('wrong.yaml'));
    expect(done.code).toBe(1);
    expect(done.stderr + done.stdout).toMatch(/wrong\.yaml:\d+:\d+: error/);
    await untouched(text);
    const asked = await balancer.apply(wrong);
    expect(asked.status).toBe(422);
    await untouched(text);
  });

  it('SIGHUP with a wrong file keeps what runs, says so, and takes the mended file', async () => {
    const text = await readFile(balancer.file, 'utf8');
    const wrong = `${text.replaceAll('weight: 1', 'weight: 9')}\nvirtualService: []\n`;
    await writeFile(balancer.file, wrong);
    balancer.hangUp();
    await waitFor('the rejection to be told', async () =>
      (await balancer.events()).some((event) => event.kind === 'config-rejected'),
    );
    await untouched(wrong);
    await writeFile(balancer.file, text.replace('weight: 1', 'weight: 4'));
    balancer.hangUp();
    await waitFor('the mended file to be taken', async () => (await balancer.server('fe01')).weight === 4);
    await writeFile(balancer.file, text);
    balancer.hangUp();
    await waitFor('the old file to be taken', async () => (await balancer.server('fe01')).weight === 1);
    expect(await lab.crowd.exchange(held)).toEqual([]);
  });

  // The kernel plane binds nothing: what is for the VIP never gets to another program's socket.
  it.runIf(plane === 'proxy')('a port that another program has is refused whole', async () => {
    const other = await StandIn.start(lab.network.balancer, [8080]);
    const text = await readFile(balancer.file, 'utf8');
    const servers = serversOf(lab.network.servers, [7, 7, 7]);
    const answer = await balancer.apply(
      labConfig({ plane, servers, ports: [5061, 443, 8080], checkPorts: [5061] }),
    );
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.body).toContain('ADDRESS_IN_USE');
    await untouched(text);
    const [refused] = await lab.crowd.open({ host: VIP, port: 443, count: 1 });
    expect(refused?.error).toBe('ECONNREFUSED');
    await other.close();
  });

  // With an interface in its config, as the kernel plane always has, Poolgate adds it.
  it.runIf(plane === 'proxy')('a VIP that this machine does not have is refused whole', async () => {
    const text = await readFile(balancer.file, 'utf8');
    const servers = serversOf(lab.network.servers, [7, 7, 7]);
    const more = { name: 'web', vip: '10.0.0.77', pool: 'ocspool', ports: [443] };
    const config = labConfig({ plane, servers });
    const answer = await balancer.apply({
      ...config,
      virtualServices: [...(config['virtualServices'] as object[]), more],
    });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.body).toContain('10.0.0.77');
    await untouched(text);
  });

  it('the API refuses without a token', async () => {
    const answer = await balancer.request('POST', '/api/v1/apply', stringify(good), { token: 'wrong' });
    expect(answer.status).toBe(401);
    expect((await balancer.request('GET', '/api/v1/servers', undefined, { token: '' })).status).toBe(401);
  });
});
