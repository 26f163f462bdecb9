import { describe, expect, test } from 'vitest';
import { benches, viewOf } from './test-benches.ts';
import { check, config, server } from './testing.ts';

const { ready } = benches();

test('a server that comes up says by which results', async () => {
  const b = await ready(config({ healthChecks: [check(5061), check(443, { type: 'https' })] }));
  const [up] = b.controller.recentEvents().filter((e) => e.kind === 'server-up');
  expect(up?.message).toContain('is UP, reason: L4OK and L7OK, ');
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
