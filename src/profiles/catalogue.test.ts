/** Profiles and catalogue are two tables of the same facts: what a VIP has is what the catalogue has of its load balancer. */
import { expect, it } from 'vitest';
import { CATALOGUE } from '../catalogue/catalogue.ts';
import type { ProfilePort } from './profile.ts';
import { transportOf } from './profile.ts';
import { PROFILES } from './profiles.ts';

const WITH_ROLE = PROFILES.filter((p) => p.role !== undefined);

type Ports = Pick<ProfilePort, 'port' | 'portEnd' | 'transport'>;

function keyOf(ports: Ports): string {
  const { port, portEnd = port } = ports;
  return `${port}-${portEnd}/${transportOf(ports)}`;
}

/** Where the two differ on purpose. */
const EXTRA: Readonly<Record<string, readonly string[]>> = {
  // Optional on the servers, for static routes; the table of the load balancer does not have it.
  'front-end-hlb': ['5060-5060/tcp'],
  // The web services of the pool itself; the vendor puts ports of its own choice in their place.
  'lync-2010/front-end': ['443-443/tcp'],
};
const LEFT_OUT: Readonly<Record<string, readonly string[]>> = {
  'lync-2010/front-end': ['445-445/tcp', '4445-4445/tcp'],
};

function exceptions(table: Readonly<Record<string, readonly string[]>>, name: string): readonly string[] {
  return table[name] ?? table[name.split('/').at(-1) ?? ''] ?? [];
}

it('has a load balancer for every profile of the family and the pools before it', () => {
  expect(WITH_ROLE.length).toBe(6 + 1 + 4 * 8);
});

it.each(WITH_ROLE)('$name has the ports of its load balancer', ({ name, product, role, ports }) => {
  const rows = CATALOGUE.filter((row) => row.product === product && row.role === role && row.loadBalanced);
  expect(rows.length).toBeGreaterThan(0);
  const [extra, leftOut] = [exceptions(EXTRA, name), exceptions(LEFT_OUT, name)];
  const wanted = [...rows.map(keyOf), ...extra].filter((key) => !leftOut.includes(key));
  expect(new Set(ports.map(keyOf))).toEqual(new Set(wanted));
  expect(rows.map(keyOf)).toEqual(expect.arrayContaining([...leftOut]));
});

it.each(PROFILES.filter((p) => p.neverBalanced))(
  '$name: what goes to servers themselves',
  ({ product, neverBalanced = [] }) => {
    const rows = CATALOGUE.filter((row) => row.product === product && !row.loadBalanced).map(keyOf);
    for (const direct of neverBalanced) expect(rows).toContain(keyOf(direct));
  },
);
