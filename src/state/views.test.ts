import { expect, test } from 'vitest';
import type { PortRange } from '../model/effective.ts';
import { durationText } from './messages.ts';
import { portsText } from './views.ts';

const range = (first: number, last = first): PortRange => ({
  protocol: 'tcp',
  first,
  last,
  serverFirst: first,
});

test('ports in words: in order, neighbours joined', () => {
  expect(portsText([range(5061), range(443), range(444), range(5060), range(135)])).toBe(
    '135, 443-444, 5060-5061',
  );
  expect(portsText([range(50_000, 50_019), range(50_020, 50_039)])).toBe('50000-50039');
  expect(portsText([])).toBe('');
});

test('UDP ports stand by themselves, after those of TCP', () => {
  const udp = { ...range(3478), protocol: 'udp' } as const;
  expect(portsText([udp, range(3479), range(3478), { ...udp, first: 3479, last: 3490 }])).toBe(
    '3478-3479, 3478-3490/udp',
  );
});

test.each([
  [0, '0ms'],
  [1500, '1500ms'],
  [5000, '5s'],
  [90_000, '90s'],
  [1_800_000, '30m'],
  [3_600_000, '1h'],
])('%d ms is %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});
