import { expect, test } from 'vitest';
import { AF_INET, AF_INET6 } from './libc.ts';
import { Sources } from './sources.ts';

test('each address has its turn, whatever the other family does in between', () => {
  const addresses = ['10.0.0.44', '2001:db8::44', '10.0.0.45'].map((address, id) => ({ id, address }));
  const sources = new Sources({ addresses, ports: null });
  const [v4, v6] = [sources.of(AF_INET), sources.of(AF_INET6)];
  expect([v4.count, v6.count]).toEqual([2, 1]);
  const seen = Array.from({ length: 6 }, () => [v4.next().id, v6.next().id]);
  expect(seen).toEqual([
    [2, 1],
    [0, 1],
    [2, 1],
    [0, 1],
    [2, 1],
    [0, 1],
  ]);
});

test('ports go round, all of them once', () => {
  const sources = new Sources({
    addresses: [{ id: 0, address: '10.0.0.44' }],
    ports: { first: 4000, last: 4009 },
  });
  const source = sources.of(AF_INET).next();
  const ports = Array.from({ length: 10 }, () => source.nextPort());
  expect(ports.toSorted()).toEqual(Array.from({ length: 10 }, (_, i) => 4000 + i));
  expect(source.nextPort()).toBe(ports[0]);
});
