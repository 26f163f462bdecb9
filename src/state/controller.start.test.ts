import { describe, expect, test } from 'vitest';
import { benches, viewOf } from './test-benches.ts';
import { check, config, server } from './testing.ts';

const { ready, fresh } = benches();

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
