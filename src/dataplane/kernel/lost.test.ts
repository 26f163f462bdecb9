import { expect, test } from 'vitest';
import type { DesiredState, PlaneServer } from '../dataplane.ts';
import { PLAIN_SERVER, PLAIN_SERVICE } from '../plain.ts';
import { freshlyLost, lostServers } from './lost.ts';
import { assign, NO_NUMBERS } from './maps/numbers.ts';

function server(name: string, fields: Partial<PlaneServer> = {}): PlaneServer {
  return { ...PLAIN_SERVER, name, address: '10.0.0.1', weight: 1, selectable: true, ...fields };
}

function stateOf(redispatch: boolean): DesiredState {
  const servers = [
    server('up'),
    server('down', { selectable: false }),
    server('draining', { selectable: false, keepsClients: true }),
  ];
  const settings = {
    ...PLAIN_SERVICE,
    pool: 'p',
    scheduler: 'wlc',
    redispatch,
    snat: null,
    connectTimeoutMs: 1000,
    idleTimeoutMs: 1000,
    udpIdleMs: 1000,
  } as const;
  return {
    pools: [{ name: 'p', fallback: null, servers }],
    services: [{ name: 's', settings, ports: [] }],
  };
}

test('lost is who takes no connection of anybody, in pools whose services try another server', () => {
  expect([...lostServers(stateOf(true))]).toEqual(['p/down']);
  expect([...lostServers(stateOf(false))]).toEqual([]);
});

test('freshly lost is who was not before, by numbers', () => {
  const state = stateOf(true);
  const numbers = assign(NO_NUMBERS, state, { targets: [], sources: [], ranges: [] });
  const lost = lostServers(state);
  expect([...freshlyLost(lost, new Set(), numbers)]).toEqual(['0 1']);
  expect([...freshlyLost(lost, lost, numbers)]).toEqual([]);
});
