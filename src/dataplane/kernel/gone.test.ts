import { expect, test } from 'vitest';
import type { DesiredState, PlanePort } from '../dataplane.ts';
import { PLAIN_SERVER, PLAIN_SERVICE } from '../plain.ts';
import type { Numbered } from './connections/table.ts';
import { goneBetween, type Step } from './gone.ts';
import { assign, NO_NUMBERS } from './maps/numbers.ts';

const VIP = '10.0.0.40';
const SETTINGS = {
  ...PLAIN_SERVICE,
  pool: 'p',
  scheduler: 'wlc',
  redispatch: true,
  snat: null,
  connectTimeoutMs: 1,
  idleTimeoutMs: 1,
  udpIdleMs: 1,
} as const;

const port = (number: number): PlanePort => ({ vip: VIP, protocol: 'tcp', port: number, serverPort: number });

function step(services: Record<string, number[]>, servers: Record<string, string>, before?: Step): Step {
  const state: DesiredState = {
    pools: [
      {
        name: 'p',
        fallback: null,
        servers: Object.entries(servers).map(([name, address]) => ({
          ...PLAIN_SERVER,
          name,
          address,
          weight: 1,
          selectable: true,
        })),
      },
    ],
    services: Object.entries(services).map(([name, ports]) => ({
      name,
      settings: SETTINGS,
      ports: ports.map(port),
    })),
  };
  const wanted = { targets: [], sources: [], ranges: [] };
  return { state, numbers: assign(before?.numbers ?? NO_NUMBERS, state, wanted) };
}

function row(server: number, port: number): Numbered {
  const ends = { protocol: 'tcp', client: '192.0.2.9', clientPort: 1, vip: VIP, vipPort: port } as const;
  return { pool: 0, server, service: 0, ends: () => ends };
}

const BOTH = { a: '10.0.0.1', b: '10.0.0.2' };

test('nothing goes where nothing went', () => {
  const before = step({ s: [443, 5061] }, BOTH);
  expect(goneBetween(before, step({ s: [443, 5061, 135] }, { ...BOTH, c: '10.0.0.3' }, before))).toBeNull();
});

test('of a removed server its own, whatever the port', () => {
  const before = step({ s: [443, 5061] }, BOTH);
  const gone = goneBetween(before, step({ s: [443, 5061] }, { b: '10.0.0.2' }, before));
  expect([row(0, 443), row(0, 5061), row(1, 443)].map((one) => gone?.(one))).toEqual([true, true, false]);
});

test('of a server with another address', () => {
  const before = step({ s: [443] }, BOTH);
  const gone = goneBetween(before, step({ s: [443] }, { a: '10.0.0.9', b: '10.0.0.2' }, before));
  expect([row(0, 443), row(1, 443)].map((one) => gone?.(one))).toEqual([true, false]);
});

test('of a removed port, and of one that another service has now', () => {
  const before = step({ s: [443, 5061], t: [135] }, BOTH);
  const gone = goneBetween(before, step({ s: [5061], t: [135, 443] }, BOTH, before));
  expect([row(0, 443), row(0, 5061), row(1, 135)].map((one) => gone?.(one))).toEqual([true, false, false]);
});
