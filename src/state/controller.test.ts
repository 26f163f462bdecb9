import { afterEach, describe, expect, test } from 'vitest';
import type { Bench } from './testing.ts';
import { bench, check, config, readyBench, server, textOf } from './testing.ts';

const benches: Bench[] = [];
afterEach(async () => {
  for (const b of benches.splice(0)) await b.end();
});

async function ready(...args: Parameters<typeof readyBench>): Promise<Bench> {
  const made = await readyBench(...args);
  benches.push(made);
  return made;
}

async function fresh(...args: Parameters<typeof bench>): Promise<Bench> {
  const made = await bench(...args);
  benches.push(made);
  return made;
}

function viewOf(b: Bench, name: string) {
  const found = b.controller.servers().find((s) => s.name === name);
  if (!found) throw new Error(`no ${name}`);
  return found;
}

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

test('a server that comes up says by which results', async () => {
  const b = await ready(config({ healthChecks: [check(5061), check(443, { type: 'https' })] }));
  const [up] = b.controller.recentEvents().filter((e) => e.kind === 'server-up');
  expect(up?.message).toContain('is UP, reason: L4OK and L7OK, ');
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

describe('start', () => {
  test('ports are there before the first verdict, nobody is selectable until then', async () => {
    const b = await fresh();
    await b.controller.start();
    expect(b.plane.state().services[0]?.ports).toHaveLength(2);
    expect(b.selectable()).toEqual([]);
    expect(b.controller.status()).toMatchObject({ ready: false, services: [{ state: 'refusing' }] });
    expect(viewOf(b, 'fe01')).toMatchObject({
      health: 'unknown',
      reason: 'not checked yet',
      checks: [{ result: 'INI' }, { result: 'INI' }],
    });
    await b.clock.advance(1);
    expect(b.selectable()).toEqual(['fe01', 'fe02']);
    expect(b.controller.status()).toMatchObject({ ready: true, services: [{ state: 'serving' }] });
    expect(b.kinds()).toEqual(['server-up', 'server-up', 'ready']);
  });

  test('first verdicts that come together go to the plane together', async () => {
    const b = await ready(
      config({ realServers: Array.from({ length: 30 }, (_, i) => server(`fe${10 + i}`)) }),
    );
    expect(b.plane.batches.length).toBeLessThanOrEqual(3);
    expect(b.selectable()).toHaveLength(30);
  });

  test('a silent server delays `ready` by its timeout and no more; an empty pool is told of', async () => {
    const b = await fresh();
    b.net.silent.add('10.0.0.41:444').add('10.0.0.42:444');
    await b.controller.start();
    await b.clock.advance(2999);
    expect(b.controller.status().ready).toBe(false);
    await b.clock.advance(1);
    expect(b.controller.status().ready).toBe(true);
    expect(b.message('pool-empty')).toBe(
      'Pool ocspool has no server available, new connections are refused.',
    );
  });

  test('`ready` waits until the plane was told of every first verdict', async () => {
    const b = await fresh(config({ healthChecks: [check(444, { timeoutMs: 2 })] }));
    b.net.silent.add('10.0.0.42:444');
    await b.controller.start();
    const release = b.plane.holdApply();
    await b.clock.advance(1);
    // The second verdict comes in while the plane is still busy with the first.
    await b.clock.advance(1);
    release();
    await b.clock.advance(0);
    expect(b.kinds().slice(0, 3)).toEqual(['server-up', 'server-down', 'ready']);
  });

  test('a pool without checks is up at once', async () => {
    const b = await fresh(config({ healthChecks: [] }));
    await b.controller.start();
    expect(b.selectable()).toEqual(['fe01', 'fe02']);
    expect(b.controller.status().ready).toBe(true);
  });

  test('a plane that refuses the config makes start fail, and no check runs', async () => {
    const b = await fresh();
    b.plane.failApply(new Error('10.0.0.40:443 is in use'));
    await expect(b.controller.start()).rejects.toThrow('in use');
    await b.clock.advance(10_000);
    expect(b.net.probed).toEqual([]);
  });
});

describe('down and up', () => {
  test('one check is enough: not selectable, connections reset, told in words', async () => {
    const b = await ready();
    b.plane.open('ocs', 443, 'fe01');
    b.plane.open('ocs', 5061, 'fe01');
    b.plane.open('ocs', 5061, 'fe02');
    b.net.refusing.add('10.0.0.41:444');
    await b.clock.advance(20_000);
    expect(b.selectable()).toEqual(['fe02']);
    expect(b.message('server-down')).toBe(
      'Server ocspool/fe01 is DOWN, reason: L4CON ("Connection refused" on port 444), 1 of 2 usable, 2 connections reset.',
    );
    expect((await b.controller.connections()).map((c) => c.realServer)).toEqual(['fe02']);
    expect(viewOf(b, 'fe01')).toMatchObject({
      health: 'down',
      usable: false,
      reason: 'down: L4CON ("Connection refused" on port 444)',
      downs: 1,
      active: 0,
      total: 2,
    });
    b.net.refusing.clear();
    await b.clock.advance(10_000);
    expect(b.selectable()).toEqual(['fe01', 'fe02']);
    expect(b.message('server-up')).toBe('Server ocspool/fe01 is UP, reason: L4OK, 2 of 2 usable.');
  });

  test('not one bad result sooner than `fall` in a row', async () => {
    const b = await ready(config({ healthChecks: [check(444)] }));
    b.net.refusing.add('10.0.0.41:444');
    const before = b.net.probed.filter((p) => p === '10.0.0.41:444').length;
    while (b.selectable().includes('fe01')) await b.clock.advance(100);
    expect(b.net.probed.filter((p) => p === '10.0.0.41:444').length - before).toBe(3);
  });

  test('onDown keep leaves connections open', async () => {
    const b = await ready(config({ onDown: 'keep' }));
    b.plane.open('ocs', 443, 'fe01');
    b.net.refusing.add('10.0.0.41:444');
    await b.clock.advance(20_000);
    expect(b.selectable()).toEqual(['fe02']);
    expect(b.plane.resets).toEqual([]);
    expect(await b.controller.connections()).toHaveLength(1);
    expect(b.message('server-down')).toContain('1 connection kept.');
  });

  test('the last server down empties the pool, the fallback is named, and it comes back', async () => {
    const b = await ready(config({ fallback: { address: '10.0.0.99', port: null } }));
    for (const address of ['10.0.0.41:444', '10.0.0.42:444']) b.net.refusing.add(address);
    await b.clock.advance(20_000);
    expect(b.message('pool-empty')).toBe(
      'Pool ocspool has no server available, new connections go to the fallback 10.0.0.99.',
    );
    expect(b.controller.status().services[0]?.state).toBe('fallback');
    b.net.refusing.clear();
    await b.clock.advance(10_000);
    expect(b.message('pool-usable')).toBe('Pool ocspool has servers available again, 1 of 2 usable.');
  });

  test('`since` is the time of the last change between usable and not', async () => {
    const b = await ready();
    const up = viewOf(b, 'fe01').since;
    b.net.refusing.add('10.0.0.41:444');
    await b.clock.advance(20_000);
    const down = viewOf(b, 'fe01').since;
    expect(down > up).toBe(true);
    await b.clock.advance(60_000);
    expect(viewOf(b, 'fe01').since).toBe(down);
    expect(viewOf(b, 'fe02').since).toBe(up);
  });

  test('`health` and `usable` follow the plane, not the check: nobody who reads it and connects is early', async () => {
    const b = await ready(config({ realServers: [server('fe01')] }));
    b.net.refusing.add('10.0.0.41:444');
    await b.clock.advance(20_000);
    b.net.refusing.clear();
    b.plane.failApply(new Error('no room'), 1000);
    await b.clock.advance(20_000);
    expect(viewOf(b, 'fe01')).toMatchObject({ health: 'down', usable: false, reason: 'about to be used' });
    expect(b.controller.status()).toMatchObject({
      services: [{ state: 'refusing' }],
      pools: [{ usable: 0, servers: 1 }],
    });
    b.plane.failApply(new Error('no room'), 0);
    await b.clock.advance(1000);
    expect(viewOf(b, 'fe01')).toMatchObject({ health: 'up', usable: true, reason: '' });
    expect(b.controller.status().services[0]?.state).toBe('serving');
  });

  test('a plane that does not take a verdict is told it again until it does', async () => {
    const b = await ready();
    b.net.refusing.add('10.0.0.41:444');
    b.plane.failApply(new Error('no room'), 3);
    await b.clock.advance(20_000);
    expect(b.selectable()).toEqual(['fe02']);
    expect(b.kinds().filter((k) => k === 'plane-failed')).toHaveLength(1);
    expect(b.kinds().filter((k) => k === 'server-down')).toHaveLength(1);
  });
});

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
