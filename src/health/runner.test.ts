import { beforeEach, describe, expect, test } from 'vitest';
import type { ManualClock } from '../lib/manual-clock.ts';
import { manualClock } from '../lib/manual-clock.ts';
import type { HealthCheck } from '../model/effective.ts';
import type { Probe, ProbeOutcome } from './probe.ts';
import type { HealthChange } from './runner.ts';
import { HealthRunner } from './runner.ts';

const check = (port: number, more: Partial<HealthCheck> = {}): HealthCheck => ({
  type: 'tcp',
  port,
  intervalMs: 5000,
  timeoutMs: 3000,
  rise: 2,
  fall: 3,
  ...more,
});

/** Stand-in network: answers per address and port; `hang` waits for the timeout. */
type Answer = ProbeOutcome['result'] | 'hang';

let clock: ManualClock;
let answers: Map<string, Answer>;
let probes: { at: number; where: string }[];
let underWay: Map<string, number>;
let most: number;
let changes: HealthChange[];
let runner: HealthRunner;

const probe: Probe = async (target, clock, signal) => {
  const where = `${target.address}:${target.port}`;
  probes.push({ at: clock.monotonic(), where });
  underWay.set(where, (underWay.get(where) ?? 0) + 1);
  most = Math.max(most, underWay.get(where) ?? 0);
  const answer = answers.get(where) ?? 'L4OK';
  await new Promise<void>((done) => {
    const timer = clock.after(answer === 'hang' ? target.timeoutMs : 1, done);
    signal.addEventListener('abort', () => {
      timer.cancel();
      done();
    });
  });
  underWay.set(where, (underWay.get(where) ?? 0) - 1);
  const result = answer === 'hang' ? 'L4TOUT' : answer;
  const good = result === 'SOCKERR' ? null : result === 'L4OK';
  return { result, good, text: result === 'L4CON' ? 'Connection refused' : '', durationMs: 1 };
};

beforeEach(() => {
  clock = manualClock(0);
  answers = new Map();
  probes = [];
  underWay = new Map();
  most = 0;
  changes = [];
  runner = new HealthRunner({ clock, onChange: (c) => void changes.push(c), probes: { tcp: probe } });
});

const fe01 = { key: 'ocspool/fe01@10.0.0.41', address: '10.0.0.41', checks: [check(5061), check(444)] };

describe('a server that was at work before this process was', () => {
  beforeEach(() => {
    const servedBefore = new Set([fe01.key]);
    runner = new HealthRunner({
      clock,
      onChange: (c) => void changes.push(c),
      probes: { tcp: probe },
      servedBefore,
    });
  });

  test('is up from the beginning, also while it is not watched yet, and stays so when its checks are good', async () => {
    expect(runner.healthOf(fe01.key)).toBe('up');
    runner.watch([fe01]);
    expect(runner.healthOf(fe01.key)).toBe('up');
    await clock.advance(100);
    expect([runner.healthOf(fe01.key), changes]).toEqual(['up', []]);
  });

  test('is down by its first bad result', async () => {
    answers.set('10.0.0.41:444', 'L4CON');
    runner.watch([fe01]);
    await clock.advance(100);
    expect(changes).toEqual([{ key: fe01.key, from: 'up', to: 'down' }]);
  });

  test('is unknown like any other when it comes later', () => {
    runner.watch([]);
    expect(runner.healthOf(fe01.key)).toBe('unknown');
    runner.watch([fe01]);
    expect(runner.healthOf(fe01.key)).toBe('unknown');
  });
});

describe('unknown', () => {
  test('every check runs at once and the first results decide', async () => {
    runner.watch([fe01]);
    expect(runner.healthOf(fe01.key)).toBe('unknown');
    expect(probes.map((p) => p.where)).toEqual(['10.0.0.41:5061', '10.0.0.41:444']);
    await clock.advance(1);
    expect(changes).toEqual([{ key: fe01.key, from: 'unknown', to: 'up' }]);
  });

  test('one bad first result makes it down without waiting for fall or for the others', async () => {
    answers.set('10.0.0.41:444', 'L4CON').set('10.0.0.41:5061', 'hang');
    runner.watch([fe01]);
    await clock.advance(1);
    expect(changes).toEqual([{ key: fe01.key, from: 'unknown', to: 'down' }]);
  });

  test('a server that was away starts anew', async () => {
    runner.watch([fe01]);
    await clock.advance(10);
    runner.watch([]);
    expect(runner.healthOf(fe01.key)).toBe('unknown');
    answers.set('10.0.0.41:444', 'L4CON');
    runner.watch([fe01]);
    await clock.advance(1);
    expect(changes.at(-1)).toEqual({ key: fe01.key, from: 'unknown', to: 'down' });
  });

  test('a shortage on this machine decides nothing', async () => {
    answers.set('10.0.0.41:444', 'SOCKERR');
    runner.watch([fe01]);
    await clock.advance(4999);
    expect(runner.healthOf(fe01.key)).toBe('unknown');
    expect(runner.checksOf(fe01.key)[1]?.result).toBe('SOCKERR');
    answers.delete('10.0.0.41:444');
    await clock.advance(5000);
    expect(runner.healthOf(fe01.key)).toBe('up');
  });
});

describe('rise and fall', () => {
  test('down after `fall` bad results of one check, up after `rise` good ones', async () => {
    runner.watch([fe01]);
    await clock.advance(10_000);
    answers.set('10.0.0.41:444', 'L4CON');
    const start = probes.length;
    await clock.advance(20_000);
    expect(changes.map((c) => c.to)).toEqual(['up', 'down']);
    const bad = probes.slice(start).filter((p) => p.where.endsWith(':444'));
    expect(bad.length).toBeGreaterThanOrEqual(3);
    answers.delete('10.0.0.41:444');
    await clock.advance(4999);
    expect(runner.healthOf(fe01.key)).toBe('down');
    await clock.advance(5001);
    expect(changes.map((c) => c.to)).toEqual(['up', 'down', 'up']);
  });

  test('no answer is bad after the timeout, and probes of one check never overlap', async () => {
    const slow = { ...fe01, checks: [check(444, { intervalMs: 1000, timeoutMs: 2500 })] };
    runner.watch([slow]);
    await clock.advance(1500);
    answers.set('10.0.0.41:444', 'hang');
    await clock.advance(30_000);
    expect(runner.healthOf(fe01.key)).toBe('down');
    expect(most).toBe(1);
    const gaps = probes.slice(-5).map((p, i, all) => (i === 0 ? 0 : p.at - (all[i - 1]?.at ?? 0)));
    expect(new Set(gaps.slice(1))).toEqual(new Set([3000]));
  });
});

describe('turns', () => {
  test('probes that started together spread over the interval and then keep exactly one interval apart', async () => {
    const servers = Array.from({ length: 10 }, (_, i) => ({
      key: `p/s${i}`,
      address: `10.0.1.${i}`,
      checks: [check(5061)],
    }));
    runner.watch(servers);
    await clock.advance(5000);
    const second = probes
      .slice(10, 20)
      .map((p) => p.at)
      .sort((a, b) => a - b);
    expect(second).toHaveLength(10);
    const gaps = second.slice(1).map((at, i) => at - (second[i] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThan(100);
    await clock.advance(50_000);
    for (const { address } of servers) {
      const own = probes.filter((p) => p.where === `${address}:5061`).slice(1);
      const between = own.slice(1).map((p, i) => Math.round(p.at - (own[i]?.at ?? 0)));
      expect(new Set(between)).toEqual(new Set([5000]));
    }
  });

  test('a changed interval is in force at once', async () => {
    runner.watch([{ ...fe01, checks: [check(444, { intervalMs: 3_600_000 })] }]);
    await clock.advance(10);
    runner.watch([{ ...fe01, checks: [check(444, { intervalMs: 1000 })] }]);
    await clock.advance(1000);
    expect(probes).toHaveLength(2);
  });
});

describe('changes of what is watched', () => {
  test('other limits keep the verdict and the count', async () => {
    runner.watch([fe01]);
    await clock.advance(10);
    answers.set('10.0.0.41:444', 'L4CON');
    await clock.advance(5000);
    runner.watch([{ ...fe01, checks: [check(5061), check(444, { fall: 2 })] }]);
    expect(runner.healthOf(fe01.key)).toBe('up');
    await clock.advance(5000);
    expect(runner.healthOf(fe01.key)).toBe('down');
  });

  test('a check added to a running server leaves it up until it fails, then one result is enough', async () => {
    runner.watch([{ ...fe01, checks: [check(5061)] }]);
    await clock.advance(10);
    answers.set('10.0.0.41:444', 'hang');
    runner.watch([fe01]);
    await clock.advance(2999);
    expect(runner.healthOf(fe01.key)).toBe('up');
    await clock.advance(1);
    expect(runner.healthOf(fe01.key)).toBe('down');
  });

  test('removing the failing check brings the server back, told after the call', async () => {
    answers.set('10.0.0.41:444', 'L4CON');
    runner.watch([fe01]);
    await clock.advance(10);
    changes = [];
    runner.watch([{ ...fe01, checks: [check(5061)] }]);
    expect(changes).toEqual([]);
    await clock.advance(0);
    expect(changes).toEqual([{ key: fe01.key, from: 'down', to: 'up' }]);
  });

  test('a server without checks is up, and stays so when it gets a check, until that fails', async () => {
    runner.watch([{ ...fe01, checks: [] }]);
    expect(runner.healthOf(fe01.key)).toBe('up');
    answers.set('10.0.0.41:444', 'L4CON');
    runner.watch([{ ...fe01, checks: [check(444)] }]);
    expect(runner.healthOf(fe01.key)).toBe('up');
    await clock.advance(1);
    expect(changes).toEqual([{ key: fe01.key, from: 'up', to: 'down' }]);
  });

  test('close leaves no timer, no probe and tells nothing more', async () => {
    answers.set('10.0.0.41:444', 'hang');
    runner.watch([fe01]);
    await clock.advance(10);
    const told = changes.length;
    runner.close();
    await clock.advance(60_000);
    expect(clock.pending()).toBe(0);
    expect([...underWay.values()]).toEqual([0, 0]);
    expect(changes).toHaveLength(told);
  });
});

test('the reason of a verdict is the last failure, also while good results already count towards the rise', async () => {
  answers.set('10.0.0.41:444', 'L4CON');
  runner.watch([fe01]);
  await clock.advance(1);
  const failure = { port: 444, result: 'L4CON', text: 'Connection refused' };
  expect(runner.failuresOf(fe01.key)).toEqual([failure]);
  answers.clear();
  await clock.advance(5000);
  expect(runner.checksOf(fe01.key)[1]?.result).toBe('L4OK');
  expect(runner.failuresOf(fe01.key)).toEqual([failure]);
  await clock.advance(5000);
  expect(runner.failuresOf(fe01.key)).toEqual([]);
});

test('checks show what they saw last', async () => {
  runner.watch([fe01]);
  expect(runner.checksOf(fe01.key)[0]).toEqual({
    type: 'tcp',
    port: 5061,
    result: 'INI',
    text: '',
    durationMs: 0,
    at: null,
  });
  answers.set('10.0.0.41:444', 'L4CON');
  await clock.advance(5000);
  expect(runner.checksOf(fe01.key)[1]).toEqual({
    type: 'tcp',
    port: 444,
    result: 'L4CON',
    text: 'Connection refused',
    durationMs: 1,
    at: expect.stringMatching(/^1970-01-01T00:00:0\d\.\d{3}Z$/),
  });
});

test('of each check the last hundred probes are kept, the newest last', async () => {
  runner.watch([fe01]);
  expect(runner.historyOf(fe01.key)[0]).toEqual({ type: 'tcp', port: 5061, health: 'unknown', probes: [] });
  await clock.advance(97 * 5000);
  answers.set('10.0.0.41:444', 'L4CON');
  await clock.advance(10 * 5000);
  const [sip, web] = runner.historyOf(fe01.key);
  expect([sip?.probes.length, web?.probes.length]).toEqual([100, 100]);
  expect([sip?.health, web?.health]).toEqual(['up', 'down']);
  const bad = web?.probes.filter((p) => p.result === 'L4CON');
  expect(bad?.length).toBeGreaterThanOrEqual(9);
  expect(web?.probes.slice(-(bad?.length ?? 0))).toEqual(bad);
  expect(bad?.[0]).toMatchObject({ text: 'Connection refused', durationMs: 1 });
  const times = web?.probes.map((p) => Date.parse(p.at)) ?? [];
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  runner.watch([]);
  expect(runner.historyOf(fe01.key)).toEqual([]);
});

test('a check asks for what the config says now', async () => {
  const seen: unknown[] = [];
  const asking = new HealthRunner({
    clock,
    onChange: () => {},
    probes: {
      http: async (target) => {
        seen.push(target);
        return { result: 'L7OK', good: true, text: '200 OK', durationMs: 1 };
      },
    },
  });
  const wishes = { path: '/a', host: null, expectStatus: null, expectBody: null };
  const web = check(80, { type: 'http', http: wishes });
  asking.watch([{ ...fe01, checks: [web] }]);
  await clock.advance(1);
  asking.watch([{ ...fe01, checks: [{ ...web, http: { ...wishes, path: '/b' } }] }]);
  await clock.advance(5000);
  asking.close();
  expect(seen).toMatchObject([
    { address: '10.0.0.41', port: 80, http: { path: '/a' } },
    { address: '10.0.0.41', port: 80, http: { path: '/b' } },
  ]);
});
