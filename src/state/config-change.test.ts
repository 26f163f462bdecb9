import { chmod, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { PoolgateError } from '../lib/errors.ts';
import type { EffectivePool } from '../model/effective.ts';
import type { Bench } from './testing.ts';
import { config, readyBench, server, textOf } from './testing.ts';

const benches: Bench[] = [];
afterEach(async () => {
  for (const b of benches.splice(0)) await b.end();
});

async function ready(...args: Parameters<typeof readyBench>): Promise<Bench> {
  const made = await readyBench(...args);
  benches.push(made);
  return made;
}

/** Everything that a refused change must leave as it was. */
function everything(b: Bench) {
  return structuredClone({
    disk: b.file.disk,
    running: b.controller.configText(),
    plane: b.plane.state(),
    servers: b.controller.servers(),
    pending: b.file.pending,
  });
}

const three: Partial<EffectivePool> = { realServers: [server('fe01'), server('fe02'), server('fe03')] };

describe('apply', () => {
  test('writes the file, changes the plane, and the new server gets nothing before its first verdict', async () => {
    const b = await ready();
    b.plane.open('ocs', 443, 'fe01');
    const steps = await b.controller.apply(textOf(config(three)), 'api');
    expect(steps).toHaveLength(1);
    expect(b.file.disk).toBe(textOf(config(three)));
    expect(b.file.pending).toBe(0);
    expect(b.selectable()).toEqual(['fe01', 'fe02']);
    await b.clock.advance(1);
    expect(b.selectable()).toEqual(['fe01', 'fe02', 'fe03']);
    expect(await b.controller.connections()).toHaveLength(1);
    expect(b.kinds().slice(-3)).toEqual(['server-added', 'config-applied', 'server-up']);
  });

  test('removing a server ends its connections alone and says how many', async () => {
    const b = await ready();
    b.plane.open('ocs', 443, 'fe01');
    b.plane.open('ocs', 5061, 'fe02');
    await b.controller.apply(textOf(config({ realServers: [server('fe02')] })), 'api');
    expect((await b.controller.connections()).map((c) => c.realServer)).toEqual(['fe02']);
    expect(b.message('server-removed')).toBe('Server ocspool/fe01 (10.0.0.41) removed, 1 connection reset.');
    const probes = b.net.probed.length;
    await b.clock.advance(60_000);
    expect(b.net.probed.slice(probes).some((p) => p.startsWith('10.0.0.41'))).toBe(false);
  });

  test('removing a port ends its connections alone and says how many', async () => {
    const b = await ready();
    b.plane.open('ocs', 443, 'fe01');
    b.plane.open('ocs', 5061, 'fe01');
    const { services } = config();
    const fewer = services.map((s) => ({ ...s, ports: s.ports.slice(0, 1) }));
    await b.controller.apply(textOf(config({}, { services: fewer })), 'api');
    expect((await b.controller.connections()).map((c) => c.vip)).toEqual(['10.0.0.40:443']);
    expect(b.message('connections-reset')).toBe(
      'Virtual service ocs: port 5061 removed, 1 connection reset.',
    );
  });

  test('a server that moves to another address starts anew as unknown', async () => {
    const b = await ready();
    b.plane.open('ocs', 443, 'fe01');
    b.net.refusing.add('10.0.0.51:444');
    await b.controller.apply(
      textOf(config({ realServers: [server('fe01', { address: '10.0.0.51' }), server('fe02')] })),
      'api',
    );
    expect(b.controller.servers()[0]).toMatchObject({ address: '10.0.0.51', health: 'unknown', active: 0 });
    await b.clock.advance(1);
    expect(b.selectable()).toEqual(['fe02']);
  });

  test('a change of the pool keeps the verdicts of servers that stay', async () => {
    const b = await ready();
    const probes = b.net.probed.length;
    await b.controller.apply(textOf(config({ onDown: 'keep' })), 'api');
    expect(b.selectable()).toEqual(['fe01', 'fe02']);
    expect(b.net.probed).toHaveLength(probes);
  });

  test('what another data plane is needed for takes a restart', async () => {
    const b = await ready();
    const [service] = config().services;
    if (!service) throw new Error('no service');
    Object.assign(b.plane, { name: 'proxy' });
    const half = textOf(config({}, { services: [{ ...service, nat: 'half' }] }));
    await expect(b.controller.apply(half, 'api')).rejects.toMatchObject({
      code: 'RESTART_NEEDED',
      message:
        'The proxy data plane runs and cannot do this: half-NAT needs the kernel data plane. Nothing was applied.',
    });
    Object.assign(b.plane, { name: 'kernel' });
    const loopback = textOf(config({ realServers: [server('fe01', { address: '127.0.0.1' })] }));
    await expect(b.controller.apply(loopback, 'api')).rejects.toMatchObject({ code: 'RESTART_NEEDED' });
    expect(b.selectable()).toEqual(['fe01', 'fe02']);
  });

  test.each<[string, (b: Bench) => string, string]>([
    ['a rejected text', () => '{"bad":1}', 'CONFIG_INVALID'],
    [
      'a key that needs a restart',
      () => textOf(config(three, { admin: { host: '127.0.0.1', port: 9081 } })),
      'RESTART_NEEDED',
    ],
    [
      'a file that somebody else edited',
      (b) => {
        b.file.disk = textOf(config({ onDown: 'keep' }));
        return textOf(config(three));
      },
      'CONFIG_CHANGED',
    ],
    [
      'a plane that refuses',
      (b) => {
        b.plane.failApply(new PoolgateError('ADDRESS_IN_USE', '10.0.0.40:443 is in use'));
        return textOf(config(three));
      },
      'ADDRESS_IN_USE',
    ],
    [
      'a disk that is full',
      (b) => {
        b.file.failStage = new PoolgateError('SYSTEM', 'no space left on device');
        return textOf(config(three));
      },
      'SYSTEM',
    ],
    [
      'a file that cannot be replaced at the last moment',
      (b) => {
        b.file.failCommit = new PoolgateError('SYSTEM', 'read-only file system');
        return textOf(config(three));
      },
      'SYSTEM',
    ],
  ])('%s changes nothing: not the file, not the plane, not what is shown', async (_, arrange, code) => {
    const b = await ready();
    b.plane.open('ocs', 443, 'fe01');
    const text = arrange(b);
    const before = everything(b);
    await expect(b.controller.apply(text, 'api')).rejects.toMatchObject({ code });
    expect(everything(b)).toEqual(before);
    expect(await b.controller.connections()).toHaveLength(1);
    expect(b.kinds().at(-1)).toBe('config-rejected');
    await b.clock.advance(60_000);
    expect(b.selectable()).toEqual(['fe01', 'fe02']);
  });

  test('what stands in the file already can be applied, whoever wrote it', async () => {
    const b = await ready();
    b.file.disk = textOf(config(three));
    await b.controller.apply(b.file.disk, 'api');
    expect(b.plane.state().pools[0]?.servers).toHaveLength(3);
  });

  test('two at once are applied one after the other, the later one on what the earlier one made', async () => {
    const b = await ready();
    await Promise.all([
      b.controller.apply(textOf(config(three)), 'api'),
      b.controller.apply(textOf(config({ ...three, onDown: 'keep' })), 'api'),
      b.controller.setAdmin('fe03', 'drain', 'api'),
    ]);
    expect(b.controller.servers().map((s) => s.admin)).toEqual(['ready', 'ready', 'drain']);
  });

  test('plan says what would change and changes nothing', async () => {
    const b = await ready();
    const before = everything(b);
    expect(b.controller.plan(textOf(config(three)))).toHaveLength(1);
    expect(() => b.controller.plan('{"bad":1}')).toThrow('bad');
    expect(everything(b)).toEqual(before);
  });
});

describe('reload', () => {
  test('a bad file is told of and leaves traffic alone; a good one is taken', async () => {
    const b = await ready();
    b.plane.open('ocs', 443, 'fe01');
    const batches = b.plane.batches.length;
    b.file.disk = '{"bad":1}';
    await expect(b.controller.reload('signal')).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    expect(b.plane.batches).toHaveLength(batches);
    expect(b.message('config-rejected')).toContain('poolgate.yaml:1:1: bad');
    b.file.disk = textOf(config(three));
    await b.controller.reload('signal');
    await b.clock.advance(1);
    expect(b.selectable()).toEqual(['fe01', 'fe02', 'fe03']);
    expect(await b.controller.connections()).toHaveLength(1);
  });
});

describe('live changes', () => {
  test('outlive a reload and a restart until the file says something else for that value', async () => {
    let b = await ready();
    await b.controller.setAdmin('fe01', 'drain', 'api');
    await b.controller.setWeight('fe02', 7, 'api');
    b.file.disk = textOf(config({ onDown: 'keep' }));
    await b.controller.reload('signal');
    expect(b.controller.servers()).toMatchObject([{ admin: 'drain' }, { weight: 7 }]);

    b = await b.restart();
    benches.push(b);
    await b.controller.start();
    expect(b.controller.servers()).toMatchObject([{ admin: 'drain' }, { weight: 7 }]);

    b.file.disk = textOf(config({ realServers: [server('fe01'), server('fe02', { weight: 3 })] }));
    await b.controller.reload('signal');
    expect(b.controller.servers()).toMatchObject([{ admin: 'drain' }, { weight: 3 }]);
    expect(b.message('server-weight')).toBe('Server ocspool/fe02 has weight 3 (was 7).');
  });

  test('a file edited while it was stopped wins as well', async () => {
    let b = await ready();
    await b.controller.setAdmin('fe01', 'drain', 'api');
    b.file.disk = textOf(config({ realServers: [server('fe01', { admin: 'maint' }), server('fe02')] }));
    b = await b.restart();
    benches.push(b);
    await b.controller.start();
    expect(b.controller.servers()[0]?.admin).toBe('maint');
    expect(await readFile(join(b.stateDir, 'live.json'), 'utf8')).not.toContain('fe01');
  });

  test('are not lost by a config that was refused', async () => {
    const b = await ready();
    await b.controller.setAdmin('fe01', 'drain', 'api');
    b.plane.failApply(new Error('no room'));
    await expect(
      b.controller.apply(textOf(config({ realServers: [server('fe02')] })), 'api'),
    ).rejects.toThrow('no room');
    expect(b.controller.servers()[0]?.admin).toBe('drain');
    expect(await readFile(join(b.stateDir, 'live.json'), 'utf8')).toContain('ocspool/fe01');
  });

  test('hold even when they cannot be written, and that is told', async () => {
    const b = await ready();
    await rm(b.stateDir, { recursive: true });
    await writeFile(b.stateDir, 'in the way');
    expect(await b.controller.setAdmin('fe01', 'drain', 'api')).toMatchObject({ admin: 'drain' });
    expect(b.selectable()).toEqual(['fe02']);
    expect(b.message('state-unsaved')).toContain('not after a restart');
  });

  test('are kept in a file for its owner alone', async () => {
    const b = await ready();
    await chmod(b.stateDir, 0o755);
    await b.controller.setAdmin('fe01', 'drain', 'api');
    expect((await stat(join(b.stateDir, 'live.json'))).mode & 0o777).toBe(0o600);
  });
});
