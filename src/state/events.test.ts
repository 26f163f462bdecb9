import { expect, test, vi } from 'vitest';
import { manualClock } from '../lib/manual-clock.ts';
import type { EventDraft } from './events.ts';
import { createEventLog } from './events.ts';

const draft = (message: string): EventDraft => ({
  kind: 'ready',
  severity: 'info',
  message,
  actor: 'health',
});

test('the last ones are kept, numbered without a gap, oldest first', () => {
  const log = createEventLog(manualClock(0), 3);
  for (const message of ['a', 'b', 'c', 'd', 'e']) log.emit(draft(message));
  expect(log.recent().map((e) => [e.seq, e.message])).toEqual([
    [3, 'c'],
    [4, 'd'],
    [5, 'e'],
  ]);
  expect(log.recent(1).map((e) => e.message)).toEqual(['e']);
  expect(log.recent(0)).toEqual([]);
  expect(log.recent()[0]?.at).toBe('1970-01-01T00:00:00.000Z');
});

test('a thousand are kept unless said otherwise', () => {
  const log = createEventLog(manualClock(0));
  for (let i = 0; i < 1500; i++) log.emit(draft(String(i)));
  expect(log.recent()).toHaveLength(1000);
  expect(log.recent().at(-1)?.seq).toBe(1500);
});

test('a listener hears from its subscription to its abort', () => {
  const log = createEventLog(manualClock(0));
  const heard: string[] = [];
  const stop = new AbortController();
  log.emit(draft('before'));
  log.subscribe((e) => void heard.push(e.message), stop.signal);
  log.subscribe(() => expect.fail('aborted already'), AbortSignal.abort());
  log.emit(draft('during'));
  stop.abort();
  log.emit(draft('after'));
  expect(heard).toEqual(['during']);
});

test('a listener that fails is warned of and holds up nobody', () => {
  const warning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const log = createEventLog(manualClock(0));
  const heard: string[] = [];
  const { signal } = new AbortController();
  log.subscribe(() => {
    throw new Error('broken pipe');
  }, signal);
  log.subscribe((e) => void heard.push(e.message), signal);
  log.emit(draft('one'));
  expect(heard).toEqual(['one']);
  expect(warning).toHaveBeenCalledOnce();
  warning.mockRestore();
});
