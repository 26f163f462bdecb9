/** A connection without payload for the idle limit ends by a reset to both ends; TCP's own keep-alives do not count. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Balancer } from '../../balancer/balancer.ts';
import { labConfig, serversOf } from '../../balancer/config.ts';
import { idsOf } from '../../clients/crowd.ts';
import { Capture } from '../../net/capture.ts';
import { VIP } from '../../net/network.ts';
import { waitFor } from '../../net/wait.ts';
import { buildLab, type Lab, onEachPlane } from '../../scenario.ts';

const IDLE_MS = 2000;
const RST = 'tcp[tcpflags] & tcp-rst != 0';

onEachPlane('idle expiry', (plane) => {
  let lab: Lab;
  let balancer: Balancer;

  beforeAll(async () => {
    lab = await buildLab({ plane, servers: 1, ports: [5061] });
    const timeouts = { idle: `${IDLE_MS}ms` };
    balancer = await lab.balance(
      labConfig({ plane, servers: serversOf(lab.network.servers), defaults: { timeouts } }),
    );
  });
  afterAll(() => lab?.close());

  it('both ends get a reset, on the wire and in the programs; who speaks stays', async () => {
    const atClient = await Capture.on(lab.network.client, `${RST} and src host ${VIP}`, ['tcp.dstport']);
    // A health check may end by a reset as well; only what has spoken counts below, so the capture asks for any.
    const atServer = await Capture.on(
      lab.network.server(1),
      `${RST} and dst host ${lab.network.server(1).ipv4}`,
      ['tcp.srcport'],
    );
    const talking = await lab.crowd.open({ host: VIP, port: 5061, count: 1, command: 'echo' });
    const silent = await lab.crowd.open({
      host: VIP,
      port: 5061,
      count: 5,
      command: 'echo',
      keepAlive: true,
    });
    const sources = (await balancer.connections()).map((row) => row.source);
    expect(sources.length).toBe(6);

    const states = await waitFor('the silent clients to be reset', async () => {
      expect(await lab.crowd.exchange(idsOf(talking))).toEqual([]);
      const now = await lab.crowd.states(idsOf(silent));
      return now.every((state) => !state.open) ? now : null;
    });
    for (const state of states) {
      expect(state.error).toBe('ECONNRESET');
      expect(state.ageMs).toBeGreaterThanOrEqual(IDLE_MS - 50);
      expect(state.ageMs).toBeLessThan(IDLE_MS + 1500);
    }
    const rows = await waitFor('the server to have seen the ends', async () => {
      const list = await lab.standIn(1).conversations(5061);
      return list.filter((row) => row.outcome !== 'open').length === 5 ? list : null;
    });
    expect(rows.filter((row) => row.outcome === 'reset').length).toBe(5);
    await waitFor('the resets on the clients’ wire', () =>
      states.every(({ localPort }) => atClient.rows().some(([port]) => port === String(localPort))),
    );
    const reset = rows.filter((row) => row.outcome === 'reset').map((row) => row.peer.split('|')[1]);
    await waitFor('the resets on the server’s wire', () =>
      reset.every((source) => atServer.rows().some(([port]) => port === source)),
    );
    expect(await lab.crowd.exchange(idsOf(talking))).toEqual([]);
    expect((await balancer.server('fe01')).active).toBe(1);
    await Promise.all([atClient.close(), atServer.close(), lab.crowd.close()]);
  });

  it('what speaks every 29 of 30 parts of the limit stays, what is silent beside it goes', async () => {
    const open = { host: VIP, port: 5061, count: 10, command: 'echo' };
    const held = idsOf(await lab.crowd.open(open));
    for (let round = 0; round < 3; round += 1) {
      const silent = idsOf(await lab.crowd.open(open));
      const spokeAt = Date.now();
      expect(await lab.crowd.exchange(held)).toEqual([]);
      const late = () => Date.now() - spokeAt >= (IDLE_MS * 29) / 30;
      await waitFor('29 of 30 parts of the limit', late, { everyMs: 5 });
      expect(await lab.crowd.exchange(held)).toEqual([]);
      await waitFor('the silent ones to be reset', async () =>
        (await lab.crowd.states(silent)).every((state) => state.error === 'ECONNRESET'),
      );
      await lab.crowd.close(silent);
    }
    expect(await lab.crowd.exchange(held)).toEqual([]);
    await lab.crowd.close();
  });

  it('a byte from the server counts as well', async () => {
    const [held] = await lab.crowd.open({ host: VIP, port: 5061, count: 1, command: 'hold' });
    const id = held?.id ?? 0;
    const startedAt = Date.now();
    await waitFor(
      'twice the idle limit',
      async () => {
        await lab.standIn(1).say('.', 5061);
        return Date.now() - startedAt > 2 * IDLE_MS;
      },
      { everyMs: 300 },
    );
    expect((await lab.crowd.states([id]))[0]).toMatchObject({ open: true, error: null });
    await waitFor(
      'it to be reset after that',
      async () => (await lab.crowd.states([id]))[0]?.error === 'ECONNRESET',
    );
    await lab.crowd.close();
  });

  it('half-closed connections expire too', async () => {
    const held = await lab.crowd.open({ host: VIP, port: 5061, count: 3, command: 'hold' });
    await lab.crowd.halfClose(idsOf(held));
    await waitFor('them to be reset', async () =>
      (await lab.crowd.states(idsOf(held))).every((state) => state.error === 'ECONNRESET'),
    );
    await waitFor('nothing to be held', async () => (await balancer.active()) === 0);
    await waitFor(
      'the server to hold nothing',
      async () => (await lab.standIn(1).kernelConnections(5061)) === 0,
    );
    expect(await balancer.connections()).toEqual([]);
    await lab.crowd.close();
  });
});
