/** A fast sender and a reader that does not read: the balancer holds a bounded amount and loses nothing. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { patternDigest } from '../../agent/pattern.ts';
import type { Balancer } from '../../balancer/balancer.ts';
import { labConfig, serversOf } from '../../balancer/config.ts';
import { VIP } from '../../net/network.ts';
import { waitFor, waitSteady } from '../../net/wait.ts';
import { buildLab, type Lab, onEachPlane } from '../../scenario.ts';

const BYTES = 48 * 1024 * 1024;
const READERS = 6;
/** Far below the 288 MB that wait, far above what buffers of 64 KB a connection and the collector's moods need. */
const GROWTH_KB = 24 * 1024;

onEachPlane('slow reader', (plane) => {
  let lab: Lab;
  let balancer: Balancer;

  beforeAll(async () => {
    lab = await buildLab({ plane, servers: 2, ports: [5061] });
    balancer = await lab.balance(labConfig({ plane, servers: serversOf(lab.network.servers) }));
  });
  afterAll(() => lab?.close());

  async function start(command: string, more: { bytes?: number; stalled?: boolean }): Promise<number[]> {
    const ids: number[] = [];
    for (let i = 0; i < READERS; i += 1) {
      ids.push(await lab.crowd.startTalk({ host: VIP, port: 5061, command, ...more }));
    }
    return ids;
  }

  it('clients that do not read: memory stays bounded, then every byte arrives', async () => {
    const before = balancer.rssKb();
    const ids = await start(`send ${BYTES}`, { stalled: true });
    const stuck = await waitSteady('what the servers could send', async () => {
      const rows = (await Promise.all(lab.standIns.map((one) => one.openConversations(5061)))).flat();
      return rows.reduce((sum, row) => sum + row.sent, 0);
    });
    expect(stuck).toBeGreaterThan(READERS * 10_000);
    expect(stuck).toBeLessThan((READERS * BYTES) / 2);
    expect(balancer.rssKb() - before).toBeLessThan(GROWTH_KB);
    await lab.crowd.resumeTalks(ids);
    for (const talk of await lab.crowd.finishTalks(ids)) {
      expect(talk).toMatchObject({ error: null, received: BYTES, digest: patternDigest(BYTES) });
    }
    expect(balancer.rssKb() - before).toBeLessThan(GROWTH_KB);
    await waitFor('all counts to be zero', async () => (await balancer.active()) === 0);
  });

  it('servers that do not read: the same the other way', async () => {
    const before = balancer.rssKb();
    const ids = await start('stall', { bytes: BYTES });
    const stuck = await waitSteady('what the clients could send', async () =>
      (await lab.crowd.talks(ids)).reduce((sum, talk) => sum + talk.sent, 0),
    );
    expect(stuck).toBeLessThan((READERS * BYTES) / 2);
    expect(balancer.rssKb() - before).toBeLessThan(GROWTH_KB);
    await Promise.all(lab.standIns.map((one) => one.resume(5061)));
    for (const talk of await lab.crowd.finishTalks(ids)) {
      expect(talk).toMatchObject({ error: null, text: `${BYTES} ${patternDigest(BYTES)}\n` });
    }
    await waitFor('all counts to be zero', async () => (await balancer.active()) === 0);
  });
});
