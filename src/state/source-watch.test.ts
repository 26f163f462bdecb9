import { expect, test } from 'vitest';
import { manualClock } from '../lib/manual-clock.ts';
import type { SourceView } from './contract.ts';
import type { EventDraft } from './events.ts';
import { sourceViews } from './source-views.ts';
import { SourceWatch } from './source-watch.ts';

const SYSTEM = { first: 32_768, last: 60_999 };
const use = (address: string, realServer: string, used: number, port = 5061) => ({
  address,
  protocol: 'tcp' as const,
  pool: 'ocspool',
  realServer,
  port,
  used,
});

const service = (name: string, addresses: string[], ports: { first: number; last: number } | null) =>
  ({ name, snat: { addresses, ports } }) as unknown as Parameters<typeof sourceViews>[0][number];

test('an address is as full as its fullest destination, and stands once whatever services use it', () => {
  const services = [
    service('ocs', ['10.0.0.44', '10.0.0.45'], { first: 2000, last: 2099 }),
    service('web', ['10.0.0.45'], null),
  ];
  const uses = [use('10.0.0.44', 'fe01', 30), use('10.0.0.44', 'fe02', 40), use('10.0.0.44', 'fe02', 5, 444)];
  expect(sourceViews(services, uses, SYSTEM)).toEqual([
    {
      address: '10.0.0.44',
      virtualServices: ['ocs'],
      ports: 100,
      used: 75,
      fullest: { pool: 'ocspool', realServer: 'fe02', port: 5061, used: 40, free: 60 },
    },
    { address: '10.0.0.45', virtualServices: ['ocs', 'web'], ports: 28_232, used: 0, fullest: null },
  ]);
});

test('flows share the ports of an address whatever their destinations, and connections have others', () => {
  const flows = (realServer: string, used: number) => ({
    ...use('10.0.0.44', realServer, used, 3478),
    protocol: 'udp' as const,
  });
  const uses = [use('10.0.0.44', 'fe01', 50), flows('fe01', 30), flows('fe02', 40)];
  const services = [service('ocs', ['10.0.0.44'], { first: 2000, last: 2099 })];
  const fullest = { pool: 'ocspool', realServer: 'fe02', port: 3478, used: 70, free: 30 };
  expect(sourceViews(services, uses, SYSTEM)).toMatchObject([{ used: 120, fullest }]);
});

test('warns once at 80 %, and says so when it is below 70 % again', async () => {
  const clock = manualClock();
  const told: EventDraft[] = [];
  let used = 79;
  const view = (): SourceView => ({
    address: '10.0.0.44',
    virtualServices: ['ocs'],
    ports: 100,
    used,
    fullest: { pool: 'ocspool', realServer: 'fe01', port: 5061, used, free: 100 - used },
  });
  const watch = new SourceWatch({
    clock,
    look: async () => [view()],
    shortages: () => new Map(),
    tell: (event) => told.push(event),
  });
  watch.start();
  const kinds: string[][] = [];
  for (used of [79, 80, 95, 75, 80, 69, 20]) {
    await clock.advance(5000);
    kinds.push(told.splice(0).map(({ kind, message }) => `${kind}: ${message}`));
  }
  expect(kinds).toEqual([
    [],
    [
      'source-ports-low: Source address 10.0.0.44 has 80 of its 100 ports in use to ocspool/fe01 port 5061: add an address to `snatPool`.',
    ],
    [],
    [],
    [],
    ['source-ports-free: Source address 10.0.0.44 has ports free again.'],
    [],
  ]);
  watch.close();
  used = 99;
  await clock.advance(60_000);
  expect(told).toEqual([]);
});

test('tells of connections that found no port, though none counts as used; at most once a minute for a server', async () => {
  const clock = manualClock();
  const told: string[] = [];
  const shortages = new Map([['ocspool/fe01', 0]]);
  const watch = new SourceWatch({
    clock,
    look: async () => [],
    shortages: () => shortages,
    tell: ({ kind, message }) => told.push(`${kind}: ${message}`),
  });
  const after = async (fe01: number, ms: number): Promise<string[]> => {
    shortages.set('ocspool/fe01', fe01);
    await clock.advance(ms);
    return told.splice(0).map((text) => text.replace(/;.*/, ''));
  };
  watch.start();
  expect(await after(0, 5000)).toEqual([]);
  expect(await after(7, 5000)).toEqual([
    'source-ports-out: No source port was free for 7 connections to ocspool/fe01',
  ]);
  expect(await after(9, 30_000)).toEqual([]);
  expect(await after(10, 30_000)).toEqual([
    'source-ports-out: No source port was free for 3 connections to ocspool/fe01',
  ]);
  expect(await after(10, 120_000)).toEqual([]);
  // Removed and added again: it counts from zero.
  expect(await after(1, 60_000)).toEqual([
    'source-ports-out: No source port was free for 1 connection to ocspool/fe01',
  ]);
  watch.close();
});
