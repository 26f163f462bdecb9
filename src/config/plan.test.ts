import { describe, expect, it } from 'vitest';
import type { PlanStep } from '../state/contract.ts';
import { planConfig } from './plan.ts';
import { configWith, load } from './testing.ts';

function plan(from: string, to: string): PlanStep[] {
  return planConfig(load(from).effective, load(to).effective);
}

const BASE = configWith({
  head: 'defaults: { timeouts: { idle: 30m } }',
  servers: '{ name: a, address: 10.0.0.1, weight: 1 }, { name: b, address: 10.0.0.2 }',
  service: 'ports: [443, "5060-5070"]',
});

const live = { applies: 'live', cuts: null } as const;

/** An edit, and all that it changes. */
const EDITS: readonly (readonly [what: string, from: string, to: string, steps: readonly object[]])[] = [
  [
    'a weight',
    'weight: 1',
    'weight: 3',
    [{ action: 'change', what: 'pool p / server a / weight', from: '1', to: '3', ...live }],
  ],
  [
    'a limit of a server',
    'weight: 1',
    'maxConnections: 50',
    [{ action: 'change', what: 'pool p / server a / maxConnections', from: 'no limit', to: '50', ...live }],
  ],
  [
    'persistence and limits of a service',
    'ports: [443',
    'maxConnections: 9, limits: { connectionsPerSource: 3 }, persistence: { type: source-ip, timeout: 5m }, ports: [443',
    [
      {
        action: 'change',
        what: 'service s / persistence',
        from: 'none',
        to: 'source-ip for 5m, 10240 entries',
        ...live,
      },
      { action: 'change', what: 'service s / maxConnections', from: 'no limit', to: '9', ...live },
      {
        action: 'change',
        what: 'service s / limits / connectionsPerSource',
        from: 'no limit',
        to: '3',
        ...live,
      },
    ],
  ],
  [
    'another place in the network',
    'defaults:',
    'topology: { mode: two-armed, clientInterface: eth0, serverInterface: eth1, routing: true, filter: [{ to: 10.0.0.1, protocol: tcp, ports: "135" }] }\ndefaults:',
    [
      ['change', 'mode', 'one-armed', 'two-armed'],
      ['add', 'clientInterface', null, 'eth0'],
      ['add', 'serverInterface', null, 'eth1'],
      ['add', 'routing', null, 'true'],
      ['add', 'filter', null, 'tcp 135 to 10.0.0.1'],
    ].map(([action, key, from, to]) => ({
      action,
      what: `topology / ${key}`,
      from,
      to,
      applies: 'restart',
      cuts: null,
    })),
  ],
  [
    'an administrative state',
    'weight: 1',
    'admin: drain',
    [{ action: 'change', what: 'pool p / server a / admin', from: 'ready', to: 'drain', ...live }],
  ],
  [
    'an address',
    '10.0.0.2',
    '10.0.0.3',
    [
      {
        action: 'remove',
        what: 'pool p / server b',
        applies: 'live',
        cuts: 'all connections to p/b at 10.0.0.2',
      },
      { action: 'add', what: 'pool p / server b', to: '10.0.0.3, weight 1', ...live },
    ],
  ],
  [
    'a server that goes',
    ', { name: b, address: 10.0.0.2 }',
    '',
    [
      {
        action: 'remove',
        what: 'pool p / server b',
        from: '10.0.0.2, weight 1',
        to: null,
        cuts: 'all connections to p/b at 10.0.0.2',
      },
    ],
  ],
  [
    'a server that comes',
    '10.0.0.2 }',
    '10.0.0.2 }, { name: c, address: 10.0.0.3, admin: maint }',
    [{ action: 'add', what: 'pool p / server c', to: '10.0.0.3, weight 1, maint', ...live }],
  ],
  [
    'a VIP',
    'vip: 10.0.0.40',
    'vip: 10.0.0.39',
    [
      {
        action: 'remove',
        what: 'service s / ports',
        from: '10.0.0.40 ports 443, 5060-5070',
        cuts: 'all connections through s',
      },
      { action: 'add', what: 'service s / ports', to: '10.0.0.39 ports 443, 5060-5070', ...live },
    ],
  ],
  [
    'ports in the middle of a range',
    '"5060-5070"',
    '"5060-5064", "5067-5071"',
    [
      {
        action: 'remove',
        what: 'service s / port 5065-5066',
        cuts: 'all connections through port 5065-5066 of s',
      },
      { action: 'add', what: 'service s / port 5071', ...live },
    ],
  ],
  [
    'a port that leads elsewhere',
    '[443,',
    '[{ port: 443, serverPort: 4443 },',
    [
      { action: 'add', what: 'pool p / health check tcp 4443', ...live },
      { action: 'remove', what: 'pool p / health check tcp 443', ...live },
      {
        action: 'change',
        what: 'service s / port 443',
        from: 'server port 443',
        to: 'server port 4443',
        ...live,
      },
    ],
  ],
  [
    'the idle timeout',
    'idle: 30m',
    'idle: 1h',
    [{ action: 'change', what: 'service s / timeouts / idle', from: '30m', to: '1h', ...live }],
  ],
  [
    'the idle timeout of UDP flows',
    'idle: 30m',
    'idle: 30m, udpIdle: 5m',
    [{ action: 'change', what: 'service s / timeouts / udpIdle', from: '1m', to: '5m', ...live }],
  ],
  [
    'a port of the other protocol',
    '[443,',
    '[443, { port: 443, protocol: udp, serverPort: 4443 },',
    [{ action: 'add', what: 'service s / port 443/udp', to: 'server port 4443', ...live }],
  ],
  [
    'a fallback',
    'realServers',
    'fallback: { address: 10.0.0.99, port: 1 }, realServers',
    [{ action: 'add', what: 'pool p / fallback', from: null, to: '10.0.0.99:1', ...live }],
  ],
  [
    'onDown',
    'realServers',
    'onDown: keep, realServers',
    [{ action: 'change', what: 'pool p / onDown', from: 'reset', to: 'keep', ...live }],
  ],
  [
    'the admin API',
    'pools:',
    'admin: { listen: "[::1]:9081" }\npools:',
    [
      {
        action: 'change',
        what: 'admin / listen',
        from: '127.0.0.1:9080',
        to: '[::1]:9081',
        applies: 'restart',
        cuts: null,
      },
    ],
  ],
  [
    'the data plane',
    'pools:',
    'dataPlane: proxy\npools:',
    [{ action: 'change', what: 'dataPlane', from: 'auto', to: 'proxy', applies: 'restart' }],
  ],
  [
    'the shutdown timeout',
    'pools:',
    'shutdownTimeout: 1m\npools:',
    [{ action: 'change', what: 'shutdownTimeout', from: '10s', to: '1m', ...live }],
  ],
  [
    'the scheduler',
    'ports:',
    'scheduler: rr, ports:',
    [{ action: 'change', what: 'service s / scheduler', from: 'wlc', to: 'rr', ...live }],
  ],
  [
    'an order',
    '[443, "5060-5070"]',
    '["5062-5070", 443, 5061, 5060]',
    [
      { what: 'pool p / health check tcp 5062', action: 'add' },
      { what: 'pool p / health check tcp 443', action: 'remove' },
    ],
  ],
];

describe('the plan for', () => {
  it.each(EDITS)('%s', (_, from, to, steps) => {
    const edited = BASE.replace(from, to);
    expect(edited).not.toBe(BASE);
    const planned = plan(BASE, edited);
    expect(planned).toMatchObject(steps);
    expect(planned).toHaveLength(steps.length);
  });

  it('comments and another spelling of the same is empty', () => {
    expect(plan(BASE, `# a comment\n${BASE.replace('30m', '1800s').replace('[443,', '["443",')}`)).toEqual(
      [],
    );
  });
});

it('a new pool and service come with all that they have, and go again', () => {
  const more = '  - { name: t, vip: 10.0.0.39, pool: q, ports: [1] }';
  const grown = configWith({ more }).replace(
    'virtualServices:',
    '  - { name: q, realServers: [{ name: x, address: 10.0.0.9 }] }\nvirtualServices:',
  );
  expect(plan(configWith(), grown)).toMatchObject([
    { action: 'add', what: 'pool q', to: 'health checks tcp 1', ...live },
    { action: 'add', what: 'pool q / server x', to: '10.0.0.9, weight 1', ...live },
    { action: 'add', what: 'service t', to: '10.0.0.39 ports 1 to q by wlc', ...live },
  ]);
  expect(plan(grown, configWith())).toMatchObject([
    { action: 'remove', what: 'pool q', cuts: 'all connections to servers of q' },
    { action: 'remove', what: 'service t', cuts: 'all connections through t' },
  ]);
});
