import { expect, test } from 'vitest';
import { FAKE_TIME, fakeController, fakeServer } from '../api/fake-controller.ts';
import type { ServerView, SourceView } from '../state/contract.ts';
import { judge, type Verdict } from './verdict.ts';

const NOW = Date.parse(FAKE_TIME) + 250_000;
const status = fakeController().status();
const fe01 = fakeServer('fe01', '10.0.0.41');
const fe02 = fakeServer('fe02', '10.0.0.42');
const DOWN: Partial<ServerView> = {
  health: 'down',
  usable: false,
  reason: 'down: L4CON ("Connection refused" on port 444)',
};

test('all is well', () => {
  expect(judge(status, [fe01, fe02], [], NOW)).toEqual({
    level: 'ok',
    summary: 'All is well: 2 of 2 servers usable',
    problems: [],
    byOrder: [],
  });
});

test('a server that is down degrades, and is named with the reason', () => {
  const { level, summary, problems } = judge(status, [fe01, { ...fe02, ...DOWN }], [], NOW);
  expect([level, summary]).toEqual(['degraded', 'All services answer, but only 1 of 2 servers usable']);
  expect(problems).toEqual([
    'ocspool/fe02 (10.0.0.42) is down for 4m 10s: L4CON ("Connection refused" on port 444)',
  ]);
});

test('a server that rests by order is no problem, and neither is its health', () => {
  const resting = { ...fe02, ...DOWN, admin: 'maint' as const, active: 1 };
  const { level, problems, byOrder } = judge(
    status,
    [fe01, resting, { ...fe01, weight: 0, usable: false, active: 0 }],
    [],
    NOW,
  );
  expect([level, problems]).toEqual(['ok', []]);
  expect(byOrder).toEqual([
    'ocspool/fe02 (10.0.0.42) is in maint, for 4m 10s, 1 connection left',
    'ocspool/fe01 (10.0.0.41) is in weight 0, for 4m 10s, no connection left',
  ]);
});

test('a service that refuses comes first; one on its fallback degrades', () => {
  const [service] = status.services;
  const inState = (state: 'refusing' | 'fallback') => ({ ...status, services: [{ ...service!, state }] });
  const refusing = judge(inState('refusing'), [{ ...fe01, ...DOWN }], [], NOW);
  expect([refusing.level, refusing.summary]).toEqual([
    'down',
    '1 of 1 virtual service refuses, 0 of 1 server usable',
  ]);
  expect(refusing.problems[0]).toContain('virtual service ocs REFUSES connections');
  expect(judge(inState('fallback'), [{ ...fe01, ...DOWN }], [], NOW).level).toBe('degraded');
});

test('before the first verdicts it says so', () => {
  expect(judge({ ...status, ready: false }, [fe01], [], NOW).level).toBe('starting');
});

test('a VIP that nobody reaches, or that another machine has too, is said first', () => {
  const vip = { address: '10.0.0.40', interface: 'eth0', ours: true, present: true, conflict: null };
  const absent = judge({ ...status, addresses: [{ ...vip, present: false }] }, [fe01, fe02], [], NOW);
  expect([absent.level, absent.summary]).toEqual([
    'down',
    'Nobody reaches 1 VIP of 1, 2 of 2 servers usable',
  ]);
  expect(absent.problems).toEqual(['nobody reaches 10.0.0.40: it is not on eth0, or that is down']);
  const addresses = [{ ...vip, conflict: '02:00:5e:00:53:99' }];
  const contested = judge({ ...status, addresses }, [fe01, fe02], [], NOW);
  expect([contested.level, contested.summary]).toEqual([
    'degraded',
    'Another machine has 1 VIP too, 2 of 2 servers usable',
  ]);
  expect(contested.problems[0]).toContain('10.0.0.40 too (02:00:5e:00:53:99)');
});

function source(used: number, free: number): SourceView {
  const fullest = { pool: 'ocspool', realServer: 'fe01', port: 5061, used, free };
  return { address: '10.0.0.44', virtualServices: ['ocs'], ports: 100, used: 120, fullest };
}

test('source ports that run out degrade, with the place where, and before anybody is refused', () => {
  expect(judge(status, [fe01, fe02], [source(79, 21)], NOW).level).toBe('ok');
  const low = judge(status, [fe01, fe02], [source(80, 20)], NOW);
  expect([low.level, low.summary]).toEqual(['degraded', 'Source ports run out, 2 of 2 servers usable']);
  expect(judge(status, [fe01, fe02], [source(100, 0)], NOW).problems).toEqual([
    'source address 10.0.0.44 uses 100 of 100 ports to ocspool/fe01 port 5061, none is free: add to `snatPool`',
  ]);
});

const withTracked = (used: number): Verdict =>
  judge({ ...status, tracked: { used, limit: 262_144 } }, [fe01, fe02], [], NOW);

test('a table of connections that fills up degrades, and says what to raise', () => {
  expect(withTracked(200_000).level).toBe('ok');
  const { level, summary, problems } = withTracked(262_144);
  expect([level, summary]).toEqual([
    'degraded',
    "The kernel's table of connections fills up, 2 of 2 servers usable",
  ]);
  expect(problems).toEqual([expect.stringContaining('262144 of at most 262144 connections')]);
  expect(problems).toEqual([expect.stringContaining('net.netfilter.nf_conntrack_max')]);
});
