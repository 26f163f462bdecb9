import { expect, test } from 'vitest';
import { MAGLEV_SIZE, NOBODY } from '../../scheduler/maglev.ts';
import type { PlaneServiceSettings } from '../dataplane.ts';
import { PLAIN_SERVER, PLAIN_SERVICE } from '../plain.ts';
import { MaglevTables } from './maglev-tables.ts';
import { Names } from './names.ts';
import { shareState } from './common-state.ts';

const settings: PlaneServiceSettings = {
  pool: 'p',
  scheduler: 'mh',
  redispatch: true,
  connectTimeoutMs: 1,
  idleTimeoutMs: 1,
  udpIdleMs: 1,
  snat: null,
  ...PLAIN_SERVICE,
};

function makeNames(weights: readonly number[], scheduler: PlaneServiceSettings['scheduler'] = 'mh'): Names {
  const names = new Names();
  names.addPool('other');
  names.addPool('p');
  weights.forEach((weight, i) =>
    names.addServer('p', {
      name: `s${i}`,
      address: `10.0.0.${41 + i}`,
      weight,
      selectable: i > 0,
      ...PLAIN_SERVER,
    }),
  );
  names.setService('s', { ...settings, scheduler }, null);
  return names;
}

function published(...states: readonly Names[]): Uint8Array {
  const [shared, tables] = [shareState(1), new MaglevTables()];
  for (const names of states) tables.publish(shared, names);
  return shared.maglev.slice(MAGLEV_SIZE, 2 * MAGLEV_SIZE);
}

const placesOf = (table: Uint8Array, position: number) => table.filter((place) => place === position).length;

test('the pool of a service by mh has a table of all its servers, usable or not; others have none', () => {
  const table = published(makeNames([1, 1]));
  expect([placesOf(table, 0), placesOf(table, 1)].toSorted()).toEqual([32_768, 32_769]);
  expect(published(makeNames([1, 1], 'wlc')).every((place) => place === 0)).toBe(true);
});

test('weights that change make another table; a server of weight 0 has no place, and nobody has one when all have 0', () => {
  const table = published(makeNames([1, 1]), makeNames([3, 1]));
  expect(placesOf(table, 0) / MAGLEV_SIZE).toBeCloseTo(0.75, 2);
  expect(placesOf(published(makeNames([1, 1]), makeNames([0, 1])), 0)).toBe(0);
  expect(published(makeNames([1, 1]), makeNames([0, 0])).every((place) => place === NOBODY)).toBe(true);
});
