import { expect, test } from 'vitest';
import type { ServerView, ServiceView } from '../state/contract.ts';
import { limitLines, shortageLines } from './limits-text.ts';

const service: ServiceView = {
  name: 'ocs',
  vip: '10.0.0.40',
  pool: 'ocspool',
  ports: '443',
  scheduler: 'wlc',
  state: 'serving',
  active: 0,
  total: 0,
  refused: 0,
  limited: { atServerLimits: 0, atServiceLimit: 0, atSourceLimit: 0, atSourceRate: 0 },
  persistence: null,
};

test('nothing is said of a service without persistence whose limits were not reached', () => {
  expect(limitLines([service])).toEqual([]);
});

test('clients that are known, and what to do when the table is too small', () => {
  const persistence = { entries: 12, maxEntries: 10_240, evicted: 0, notKept: 0 };
  expect(limitLines([{ ...service, persistence }])).toEqual(['Persistence of ocs: 12 of 10240 clients']);
  expect(limitLines([{ ...service, persistence: { ...persistence, evicted: 3, notKept: 1 } }])).toEqual([
    'Persistence of ocs: 12 of 10240 clients, 3 forgotten early, 1 connection not kept (raise persistence.maxEntries)',
  ]);
});

test('each limit that turned somebody away is named by its key', () => {
  const limited = { atServerLimits: 4, atServiceLimit: 0, atSourceLimit: 2, atSourceRate: 1 };
  expect(limitLines([{ ...service, limited }])).toEqual([
    'Turned away by limits of ocs: 4 all servers at maxConnections, 2 source at connectionsPerSource, ' +
      '1 source beyond newConnectionsPerSecondPerSource',
  ]);
});

test('connections that found no source port, for each server that had some', () => {
  const servers = [0, 20, 3].map((sourceShortages, i) => ({
    pool: 'ocspool',
    name: `fe0${i}`,
    sourceShortages,
  })) as unknown as ServerView[];
  expect(shortageLines(servers.slice(0, 1))).toEqual([]);
  expect(shortageLines(servers)).toEqual([
    'No source port was free for connections: 20 to ocspool/fe01, 3 to ocspool/fe02 (add addresses to snatPool)',
  ]);
});
