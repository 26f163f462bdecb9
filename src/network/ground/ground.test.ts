/** In a network namespace of its own: the bridge really bridges, and all is as it was before. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type EffectiveTopology, oneArmed } from '../../model/effective.ts';
import type { RunIp } from '../iproute.ts';
import { manualClock } from '../../lib/manual-clock.ts';
import { Ground, LOOK_EVERY_MS } from './ground.ts';
import type { Sysctls } from './sysctls.ts';

const base = `pgg-${process.pid}`;
const [HERE, LEFT, RIGHT] = [`${base}-h`, `${base}-l`, `${base}-r`] as const;

function inside(namespace: string, ...command: string[]) {
  const done = spawnSync('ip', ['netns', 'exec', namespace, ...command], { encoding: 'utf8' });
  return { ok: done.status === 0, stdout: done.stdout, stderr: done.stderr };
}

function must(...command: string[]): string {
  const [program = '', ...args] = command;
  const done = spawnSync(program, args, { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${command.join(' ')}: ${done.stderr}`);
  return done.stdout;
}

const run: RunIp = async (args) => inside(HERE, 'ip', ...args);
const pathOf = (path: string): string => `/proc/sys/net/${path}`;
const sysctls: Sysctls = {
  read(path) {
    const { ok, stdout } = inside(HERE, 'cat', pathOf(path));
    return ok ? stdout.trim() : null;
  },
  write: (path, value) => void inside(HERE, 'sh', '-c', `echo ${value} > ${pathOf(path)}`),
  interfaces6: () => inside(HERE, 'ls', pathOf('ipv6/conf')).stdout.split('\n').filter(Boolean),
};

const canRun = process.getuid?.() === 0 && spawnSync('ip', ['netns', 'add', `${base}-try`]).status === 0;
if (canRun) spawnSync('ip', ['netns', 'del', `${base}-try`]);
else process.stderr.write('SKIPPED: the bridge and forwarding: network namespaces need root\n');

const transparent: EffectiveTopology = {
  mode: 'transparent',
  bridgePorts: ['clients', 'servers'],
  serverAddress: { address: '10.0.0.5', prefix: 24 },
  gateway: '10.0.0.1',
  keepAtStop: false,
};

let stateDir: string;
let warnings: string[];

function ground(): Ground {
  return new Ground({ stateDir, warn: (text) => void warnings.push(text), run, sysctls });
}

function snapshot(): string {
  // Whether the far end has noticed yet makes no difference.
  const links = inside(HERE, 'ip', '-br', 'link')
    .stdout.replaceAll(/ (UP|DOWN|UNKNOWN|LOWERLAYERDOWN) |NO-CARRIER,|,LOWER_UP|,M-DOWN/g, ' ')
    .replaceAll(/\s+|(?<=<) /g, ' ')
    .replaceAll('< ', '<');
  const settings = inside(
    HERE,
    'sh',
    '-c',
    'sysctl -a 2>/dev/null | grep -E "forwarding|accept_ra |bridge-nf"',
  );
  return [links, inside(HERE, 'ip', 'route').stdout, settings.stdout].join('\n');
}

function cross(): boolean {
  return inside(LEFT, 'ping', '-c', '1', '-W', '1', '10.0.0.20').ok;
}

async function asIfItsProcessHadEnded(): Promise<void> {
  const path = join(stateDir, 'ground.json');
  const text = await readFile(path, 'utf8');
  // A pid that there is not.
  await writeFile(path, text.replace(/"pid": \d+/, '"pid": 4194305'));
}

describe.skipIf(!canRun)('beneath the addresses', () => {
  beforeAll(() => {
    for (const name of [HERE, LEFT, RIGHT]) must('ip', 'netns', 'add', name);
    for (const [port, far, address] of [
      ['clients', LEFT, '10.0.0.10/24'],
      ['servers', RIGHT, '10.0.0.20/24'],
    ] as const) {
      must('ip', '-n', HERE, 'link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', far);
      must('ip', '-n', far, 'address', 'add', address, 'dev', 'eth0');
      must('ip', '-n', far, 'link', 'set', 'eth0', 'up');
    }
    must('ip', '-n', HERE, 'link', 'set', 'clients', 'up');
    must('ip', '-n', HERE, 'link', 'set', 'lo', 'up');
  });
  afterAll(() => {
    for (const name of [HERE, LEFT, RIGHT]) spawnSync('ip', ['netns', 'del', name]);
  });
  beforeEach(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'poolgate-ground-'));
    warnings = [];
  });
  afterEach(() => rm(stateDir, { recursive: true }));

  test('a bridge passes what comes, and at the end everything is as it was', async () => {
    const before = snapshot();
    expect(cross()).toBe(false);
    const one = ground();
    await one.lay(transparent);
    await one.forward({ interfaces: ['poolgate0'], families: [4, 6], bridged: true });
    expect(cross()).toBe(true);
    expect(inside(HERE, 'ip', 'route').stdout).toContain('default via 10.0.0.1 dev poolgate0');
    const detail = inside(HERE, 'ip', '-d', 'link', 'show', 'poolgate0').stdout;
    expect(detail).toMatch(/stp_state 0 .*group_fwd_mask 0xfff8 .*mcast_snooping 0/);
    expect(inside(HERE, 'ip', '-d', 'link', 'show', 'clients').stdout).toContain('group_fwd_mask 0xfffd');
    await one.close(false);
    await one.close(false);
    expect(snapshot()).toBe(before);
    expect(JSON.parse(await readFile(join(stateDir, 'ground.json'), 'utf8'))).toMatchObject({
      processes: [],
    });
    expect(warnings).toEqual([]);
  });

  test('a kernel whose IPv6 has one switch for the whole machine is as it was before, too', async () => {
    const old: Sysctls = {
      ...sysctls,
      read: (path) => (path.includes('force_forwarding') ? null : sysctls.read(path)),
    };
    must('ip', '-n', HERE, 'link', 'set', 'servers', 'up');
    sysctls.write('ipv6/conf/servers/forwarding', '1');
    const before = snapshot();
    const one = new Ground({ stateDir, warn: (text) => void warnings.push(text), run, sysctls: old });
    await one.lay(oneArmed('clients'));
    await one.forward({ interfaces: ['clients'], families: [6], bridged: false });
    expect(sysctls.read('ipv6/conf/all/forwarding')).toBe('1');
    expect(sysctls.read('ipv6/conf/clients/accept_ra')).toBe('2');
    await one.close(false);
    expect(snapshot()).toBe(before);
    sysctls.write('ipv6/conf/servers/forwarding', '0');
    must('ip', '-n', HERE, 'link', 'set', 'servers', 'down');
  });

  test('what somebody switches off meanwhile is switched on again, and told of', async () => {
    const clock = manualClock();
    const one = new Ground({ stateDir, warn: (text) => void warnings.push(text), run, sysctls, clock });
    await one.lay(oneArmed('clients'));
    await one.forward({ interfaces: ['clients'], families: [4], bridged: false });
    sysctls.write('ipv4/conf/clients/forwarding', '0');
    await clock.advance(LOOK_EVERY_MS);
    expect(sysctls.read('ipv4/conf/clients/forwarding')).toBe('1');
    expect(warnings).toEqual([
      '/proc/sys/net/ipv4/conf/clients/forwarding had been set to 0 by somebody else; set to 1 again.',
    ]);
    await one.close(false);
    expect(sysctls.read('ipv4/conf/clients/forwarding')).toBe('0');
    expect(clock.pending()).toBe(0);
  });

  test('ports with addresses, and a bridge of somebody else, are refused; nothing is changed', async () => {
    must('ip', '-n', HERE, 'address', 'add', '10.0.0.7/24', 'dev', 'servers');
    await expect(ground().lay(transparent)).rejects.toMatchObject({
      code: 'INTERFACE_BUSY',
      message: 'servers is to be a port of a bridge and has addresses: 10.0.0.7/24.',
      hint: expect.stringContaining('ip address flush dev servers'),
    });
    must('ip', '-n', HERE, 'address', 'flush', 'dev', 'servers');
    must('ip', '-n', HERE, 'link', 'add', 'poolgate0', 'type', 'bridge');
    await expect(ground().lay(transparent)).rejects.toMatchObject({ code: 'INTERFACE_BUSY' });
    must('ip', '-n', HERE, 'link', 'set', 'servers', 'master', 'poolgate0');
    must('ip', '-n', HERE, 'link', 'del', 'poolgate0');
    must('ip', '-n', HERE, 'link', 'add', 'br9', 'type', 'bridge');
    must('ip', '-n', HERE, 'link', 'set', 'servers', 'master', 'br9');
    await expect(ground().lay(transparent)).rejects.toThrow('servers is a part of br9');
    must('ip', '-n', HERE, 'link', 'del', 'br9');
    const missing = ground().lay({ ...transparent, bridgePorts: ['clients', 'server'] });
    await expect(missing).rejects.toMatchObject({ code: 'INTERFACE_MISSING' });
  });

  test('a gateway that cannot be had takes the bridge away again', async () => {
    must('ip', '-n', HERE, 'link', 'add', 'other', 'type', 'bridge');
    must('ip', '-n', HERE, 'address', 'add', '10.9.0.1/24', 'dev', 'other');
    must('ip', '-n', HERE, 'link', 'set', 'other', 'up');
    must('ip', '-n', HERE, 'route', 'add', 'default', 'via', '10.9.0.9');
    const before = snapshot();
    await expect(ground().lay(transparent)).rejects.toThrow('default route by 10.0.0.1 cannot be added');
    expect(snapshot()).toBe(before);
    must('ip', '-n', HERE, 'link', 'del', 'other');
  });

  test('what a run left that was killed is taken over, and put back by the next end', async () => {
    const before = snapshot();
    const killed = ground();
    await killed.lay(transparent);
    await killed.forward({ interfaces: ['poolgate0'], families: [4], bridged: true });
    await asIfItsProcessHadEnded();
    const next = ground();
    await next.lay(transparent);
    await next.forward({ interfaces: ['poolgate0'], families: [4], bridged: true });
    expect(cross()).toBe(true);
    await next.close(false);
    expect(snapshot()).toBe(before);
  });

  test('a run with another topology removes it; a bridge that is to be kept stays', async () => {
    const before = snapshot();
    const first = ground();
    await first.lay(transparent);
    await first.forward({ interfaces: ['clients'], families: [4], bridged: false });
    await first.close(true);
    expect(cross()).toBe(true);
    await asIfItsProcessHadEnded();
    const next = ground();
    await next.lay(oneArmed('clients'));
    await next.forward({ interfaces: [], families: [], bridged: false });
    expect(snapshot()).toBe(before);
    await next.close(false);
  });
});
