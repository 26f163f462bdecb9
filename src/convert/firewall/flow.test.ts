import { expect, it, test } from 'vitest';
import { type Flow, groupFlows, mergeSpans, type Party } from './flow.ts';

test.each([
  ['80', '80'],
  ['443 444', '443-444'],
  ['5061 5060 80', '80 5060-5061'],
  ['49152-57500 57501-65535 49152-65535', '49152-65535'],
  ['50000-50019 50010', '50000-50019'],
  ['1-65535 80', '1-65535'],
])('ports %s are %s', (given, merged) => {
  const spans = given.split(' ').map((text) => {
    const [first = 0, last = first] = text.split('-').map(Number);
    return { first, last };
  });
  const text = mergeSpans(spans).map((s) => (s.first === s.last ? `${s.first}` : `${s.first}-${s.last}`));
  expect(text.join(' ')).toBe(merged);
});

function party(id: string): Party {
  return { id, label: id, addresses: 'any', open: false };
}

function flow(from: Party, to: Party, first: number, transport: Flow['transport'] = 'tcp'): Flow {
  return { from, to, transport, first, last: first, purpose: '', source: '' };
}

it('puts flows of the same ends and transport together, each once, ascending', () => {
  const [a, b] = [party('a'), party('b')];
  const groups = groupFlows([
    flow(a, b, 5061),
    flow(b, a, 135),
    flow(a, b, 443),
    flow(a, b, 443, 'udp'),
    flow(a, b, 5061),
  ]);
  expect(
    groups.map((g) => `${g.from.id}${g.to.id} ${g.transport} ${g.flows.map((f) => f.first).join()}`),
  ).toEqual(['ab tcp 443,5061', 'ba tcp 135', 'ab udp 443']);
});
