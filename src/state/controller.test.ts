import { describe, expect, test } from 'vitest';
import { benches, viewOf } from './test-benches.ts';
import { config } from './testing.ts';

const { ready, fresh } = benches();

test('the probes of a server, by its name; none while nobody asks it', async () => {
  const b = await fresh();
  await b.controller.start();
  await b.clock.advance(1);
  expect(b.controller.checks('ocspool/fe01')).toMatchObject([
    { type: 'tcp', port: 5061, health: 'up', probes: [{ result: 'L4OK' }] },
    { type: 'tcp', port: 444, health: 'up', probes: [{ result: 'L4OK' }] },
  ]);
  await b.controller.setAdmin('fe01', 'maint', 'test');
  expect(b.controller.checks('fe01')).toEqual([]);
  expect(() => b.controller.checks('fe09')).toThrow(/no real server/);
});

describe('connections reset by order', () => {
  test('those that the filter selects and no others; an event says who, which and how many', async () => {
    const b = await ready();
    const [, onTwo] = [b.plane.open('ocs', 5061, 'fe01'), b.plane.open('ocs', 5061, 'fe02')];
    b.plane.open('ocs', 443, 'fe01');
    const filter = { pool: 'ocspool', realServer: 'fe01', client: '192.0.2.0/24' };
    expect(await b.controller.resetConnections(filter, 'api')).toBe(2);
    expect((await b.controller.connections()).map((c) => c.id)).toEqual([onTwo]);
    expect(b.controller.recentEvents(1)).toMatchObject([
      {
        kind: 'connections-reset',
        message: 'By order, 2 connections reset (pool ocspool, server fe01, client 192.0.2.0/24).',
        actor: 'api',
        pool: 'ocspool',
        realServer: 'fe01',
      },
    ]);
    await b.controller.stop();
    await expect(b.controller.resetConnections({}, 'api')).rejects.toMatchObject({ code: 'STOPPING' });
  });
});

describe('maint', () => {
  test('no checks, no new connections, open ones stay; back from it the first result decides', async () => {
    const b = await ready();
    b.plane.open('ocs', 443, 'fe01');
    const view = await b.controller.setAdmin('ocspool/fe01', 'maint', 'api');
    expect(view).toMatchObject({ admin: 'maint', health: 'unknown', usable: false, reason: 'maintenance' });
    const probes = b.net.probed.filter((p) => p.startsWith('10.0.0.41:')).length;
    await b.clock.advance(7_200_000);
    expect(b.net.probed.filter((p) => p.startsWith('10.0.0.41:'))).toHaveLength(probes);
    expect(await b.controller.connections()).toHaveLength(1);

    b.net.refusing.add('10.0.0.41:444');
    expect(await b.controller.setAdmin('fe01', 'ready', 'api')).toMatchObject({
      health: 'unknown',
      usable: false,
    });
    expect(b.net.probed.slice(-2)).toEqual(['10.0.0.41:5061', '10.0.0.41:444']);
    await b.clock.advance(1);
    expect(viewOf(b, 'fe01').health).toBe('down');
  });
});

describe('stop', () => {
  test('ends checks and timers, closes the plane, refuses further changes; twice is fine', async () => {
    const b = await ready();
    await b.controller.setAdmin('fe01', 'drain', 'api');
    await Promise.all([b.controller.stop(), b.controller.stop()]);
    await b.clock.advance(0);
    expect(b.plane.isClosed()).toBe(true);
    expect(b.controller.status().ready).toBe(false);
    expect(b.clock.pending()).toBe(0);
    await expect(b.controller.setAdmin('fe01', 'ready', 'api')).rejects.toMatchObject({ code: 'STOPPING' });
    expect(b.kinds().filter((k) => k === 'stopping')).toHaveLength(1);
  });
});

test('an emptied pool is laid to whoever emptied it', async () => {
  const b = await ready();
  await b.controller.setAdmin('fe01', 'maint', 'api');
  await b.controller.setAdmin('fe02', 'drain', 'api');
  const [drained, empty] = b.controller.recentEvents(2);
  expect(drained?.message).toBe(
    'Server ocspool/fe02 is in DRAIN, 0 connections open, the rest will be reset in 1h.',
  );
  expect(empty).toMatchObject({ kind: 'pool-empty', severity: 'error', actor: 'api', pool: 'ocspool' });
});

test('servers are named alone where that is clear, else with their pool', async () => {
  const two = config();
  const other = { ...two.pools[0], name: 'cwapool' } as (typeof two.pools)[number];
  const b = await ready({ ...two, pools: [...two.pools, other] });
  await expect(b.controller.setAdmin('fe01', 'drain', 'api')).rejects.toMatchObject({
    code: 'AMBIGUOUS_SERVER',
    message: '"fe01" can be ocspool/fe01, cwapool/fe01.',
  });
  await expect(b.controller.setAdmin('fe09', 'drain', 'api')).rejects.toMatchObject({
    code: 'UNKNOWN_SERVER',
  });
  expect((await b.controller.setAdmin('cwapool/fe01', 'drain', 'api')).pool).toBe('cwapool');
});

test.each([-1, 1.5, 65_536, Number.NaN])('weight %d is refused', async (weight) => {
  const b = await ready();
  await expect(b.controller.setWeight('fe01', weight, 'api')).rejects.toMatchObject({ code: 'BAD_REQUEST' });
});

test('a live change that the plane refuses changes nothing', async () => {
  const b = await ready();
  b.plane.failApply(new Error('no room'));
  await expect(b.controller.setAdmin('fe01', 'drain', 'api')).rejects.toThrow('no room');
  expect(viewOf(b, 'fe01')).toMatchObject({ admin: 'ready', usable: true });
  expect(b.kinds()).not.toContain('server-admin');
  await b.clock.advance(7_200_000);
  expect(b.plane.resets).toEqual([]);
});
