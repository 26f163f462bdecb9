import { expect, test } from 'vitest';
import { manualClock } from '../lib/manual-clock.ts';
import { excused } from './excused.ts';
import type { ProbeOutcome } from './probe.ts';

const TARGET = { address: '10.0.0.41', port: 5061, timeoutMs: 3000 };
const FULL = 'The kernel tracks as many connections as it can';

function outcome(result: ProbeOutcome['result'], reason: string | null): Promise<ProbeOutcome> {
  const good = result.endsWith('OK');
  const probe = excused(
    async () => ({ result, good, text: '', durationMs: 1 }),
    () => reason,
  );
  return probe(TARGET, manualClock(0), new AbortController().signal);
}

test('a timeout counts, but not while this machine loses packets', async () => {
  expect(await outcome('L4TOUT', null)).toMatchObject({ result: 'L4TOUT', good: false });
  for (const result of ['L4TOUT', 'L6TOUT', 'L7TOUT'] as const)
    expect(await outcome(result, FULL)).toMatchObject({ result: 'SOCKERR', good: null, text: FULL });
});

test('what the server said counts whatever this machine loses', async () => {
  expect(await outcome('L4OK', FULL)).toMatchObject({ result: 'L4OK', good: true });
  expect(await outcome('L4CON', FULL)).toMatchObject({ result: 'L4CON', good: false });
});
