/** One end is done and says so; the other goes on sending through the half that is open. Every byte arrives. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { patternDigest } from '../../agent/pattern.ts';
import type { Balancer } from '../../balancer/balancer.ts';
import { labConfig, serversOf } from '../../balancer/config.ts';
import { VIP } from '../../net/network.ts';
import { fillHole, stopHearing } from '../../net/packets.ts';
import { waitFor } from '../../net/wait.ts';
import { buildLab, type Lab, onEachPlane } from '../../scenario.ts';

const MANY = 1024 * 1024;
const SOME = 300_000;
const AT_ONCE = 8;
/** Less than a server sends at once, its end included. */
const LAST = 2000;

onEachPlane('half-close', (plane) => {
  let lab: Lab;
  let balancer: Balancer;

  beforeAll(async () => {
    lab = await buildLab({ plane, servers: 2, ports: [5061] });
    balancer = await lab.balance(labConfig({ plane, servers: serversOf(lab.network.servers) }));
  });
  afterAll(() => lab?.close());

  async function talks(command: string, bytes: number, when: 'at-once' | 'after-server-end'): Promise<void> {
    const ids: number[] = [];
    for (let i = 0; i < AT_ONCE; i += 1) {
      ids.push(await lab.crowd.startTalk({ host: VIP, port: 5061, command, bytes, when }));
    }
    for (const talk of await lab.crowd.finishTalks(ids)) {
      expect(talk).toMatchObject({ error: null, ended: true, received: MANY, digest: patternDigest(MANY) });
    }
    const conversations = async () =>
      (await Promise.all(lab.standIns.map((one) => one.conversations(5061))))
        .flat()
        .filter((row) => row.command === command);
    // The client has sent all, but its last bytes may still be on their way.
    await waitFor('the servers to have heard every client out', async () =>
      (await conversations()).every((row) => row.outcome === 'ended'),
    );
    const these = await conversations();
    expect(these.map((row) => row.received)).toEqual(these.map(() => bytes));
    expect(these.map((row) => row.digest)).toEqual(these.map(() => patternDigest(bytes)));
    expect(these.map((row) => row.outcome)).toEqual(these.map(() => 'ended'));
    expect(these.length).toBe(AT_ONCE);
    await waitFor('all counts to be zero', async () => (await balancer.active()) === 0);
  }

  it('the client ends first and the server still sends 1 MB', async () => {
    await talks(`after-end ${MANY}`, SOME, 'at-once');
    expect(await balancer.connections()).toEqual([]);
  });

  it('the server ends first and the client still sends', async () => {
    await talks(`send ${MANY}`, SOME, 'after-server-end');
    expect(await balancer.connections()).toEqual([]);
  });

  it('both have ended, and the last bytes are lost on their way: they are sent again, and arrive', async () => {
    const [held] = await lab.crowd.open({ host: VIP, port: 5061, count: 1, command: `after-end ${LAST}` });
    const id = held?.id ?? 0;
    const greeting = held?.bytesIn ?? 0;
    const { client } = lab.network;
    await stopHearing(client);
    await lab.crowd.halfClose([id]);
    const endedAt = Date.now();
    // Long enough for whatever stands between to think that nothing can come any more, as both have said their end.
    await waitFor('four seconds', () => Date.now() - endedAt > 4000);
    await fillHole(client);
    const state = await waitFor('the last bytes', async () => {
      const [now] = await lab.crowd.states([id]);
      return now?.ended || now?.error ? now : null;
    });
    expect(state).toMatchObject({ error: null, bytesIn: greeting + LAST });
    await waitFor('all counts to be zero', async () => (await balancer.active()) === 0);
  });
});
