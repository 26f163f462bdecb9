import { describe, expect, test } from 'vitest';
import { benches } from './test-benches.ts';
import { config, textOf } from './testing.ts';

const { ready } = benches();

describe('drain', () => {
  test('no new connections, open ones stay, checks go on, at the deadline the rest are reset', async () => {
    const b = await ready();
    b.plane.open('ocs', 443, 'fe01');
    const view = await b.controller.setAdmin('fe01', 'drain', 'api');
    expect(view).toMatchObject({ admin: 'drain', usable: false, reason: 'drain', health: 'up' });
    expect(b.selectable()).toEqual(['fe02']);
    const probes = b.net.probed.length;
    await b.clock.advance(3_599_999);
    expect(b.net.probed.length).toBeGreaterThan(probes);
    expect(await b.controller.connections()).toHaveLength(1);
    await b.clock.advance(1);
    expect(await b.controller.connections()).toEqual([]);
    expect(b.message('drain-expired')).toBe('Server ocspool/fe01 drained for 1h, 1 connection reset.');
    await b.clock.advance(7_200_000);
    expect(b.kinds().filter((k) => k === 'drain-expired')).toHaveLength(1);
  });

  test('clients that persistence keeps come back until the deadline, and not after it', async () => {
    const b = await ready(config({ drain: { timeoutMs: 3_600_000, keepPersistence: true } }));
    const keeping = (): boolean | undefined =>
      b.plane.state().pools[0]?.servers.find((s) => s.name === 'fe01')?.keepsClients;
    await b.controller.setAdmin('fe01', 'drain', 'api');
    expect(keeping()).toBe(true);
    await b.clock.advance(3_600_000);
    expect(keeping()).toBe(false);
    await b.controller.setAdmin('fe01', 'ready', 'api');
    await b.controller.setAdmin('fe01', 'drain', 'api');
    expect(keeping()).toBe(true);
  });

  test('weight 0 is a drain with the same deadline', async () => {
    const b = await ready();
    b.plane.open('ocs', 443, 'fe01');
    expect(await b.controller.setWeight('fe01', 0, 'api')).toMatchObject({
      usable: false,
      reason: 'weight 0',
    });
    await b.clock.advance(3_600_000);
    expect(await b.controller.connections()).toEqual([]);
  });

  test('ready again in time ends the deadline', async () => {
    const b = await ready();
    b.plane.open('ocs', 443, 'fe01');
    await b.controller.setAdmin('fe01', 'drain', 'api');
    await b.clock.advance(1_000_000);
    await b.controller.setAdmin('fe01', 'ready', 'api');
    expect(b.selectable()).toEqual(['fe01', 'fe02']);
    await b.clock.advance(7_200_000);
    expect(await b.controller.connections()).toHaveLength(1);
  });

  test('a deadline that passes while the server is made ready and drained anew ends nothing', async () => {
    const b = await ready();
    b.plane.open('ocs', 443, 'fe01');
    await b.controller.setAdmin('fe01', 'drain', 'api');
    await b.clock.advance(3_599_999);
    const release = b.plane.holdApply();
    const changes = [
      b.controller.setAdmin('fe01', 'ready', 'api'),
      b.controller.setAdmin('fe01', 'drain', 'api'),
    ];
    await b.clock.advance(1);
    release();
    await Promise.all(changes);
    await b.clock.advance(1000);
    expect(await b.controller.connections()).toHaveLength(1);
  });

  test('a reload keeps the start of the deadline, also when it changes its length', async () => {
    const b = await ready();
    b.plane.open('ocs', 443, 'fe01');
    await b.controller.setAdmin('fe01', 'drain', 'api');
    await b.clock.advance(1_000_000);
    b.file.disk = textOf(config({ drain: { timeoutMs: 1_200_000, keepPersistence: false } }));
    await b.controller.reload('signal');
    await b.clock.advance(199_999);
    expect(await b.controller.connections()).toHaveLength(1);
    await b.clock.advance(1);
    expect(await b.controller.connections()).toEqual([]);
  });
});
