import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createStreams, type StreamLimits } from './event-stream.ts';
import { fakeController } from './fake-controller.ts';

const LIMITS: StreamLimits = { streams: 2, bufferBytes: 2000, heartbeatMs: 15_000 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp() {
  const controller = fakeController();
  const streams = createStreams(LIMITS);
  const client = new AbortController();
  const onSlow = vi.fn<() => void>();
  const open = (lastEventId: string | null = null, recent = 0) =>
    streams.open({ controller, lastEventId, recent, signal: client.signal, onSlow }).getReader();
  return { controller, streams, client, onSlow, open };
}

async function next(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string> {
  const { value } = await reader.read();
  return new TextDecoder().decode(value);
}

function idIn(text: string): string {
  return /^id: (.*)$/m.exec(text)?.[1] ?? '';
}

test('sends each event with an id, and a heartbeat in silence', async () => {
  const { controller, open } = setUp();
  const reader = open();
  expect(await next(reader)).toBe('retry: 2000\n\n');
  controller.emit({ kind: 'server-down', message: 'two\nlines' });
  const text = await next(reader);
  expect(text).toMatch(/^id: [0-9a-z]+-1\nevent: server-down\ndata: \{.*\}\n\n$/);
  expect(text).toContain(String.raw`two\nlines`);
  vi.advanceTimersByTime(15_000);
  expect(await next(reader)).toBe(':\n\n');
});

test('goes on after the last event that the client saw', async () => {
  const { controller, open } = setUp();
  controller.emit({ message: 'one' });
  controller.emit({ message: 'two' });
  const first = await next(open(null, 1));
  expect(first).toContain('two');
  expect(first).not.toContain('one');
  controller.emit({ message: 'three' });
  const second = await next(open(idIn(first)));
  expect(second).toContain('three');
  expect(second).not.toContain('two');
  expect(second).not.toContain('event: gap');
});

test('after a restart of the balancer everything that is kept comes again', async () => {
  const { controller, open } = setUp();
  controller.emit({ message: 'one' });
  expect(await next(open('older-7000'))).toContain('one');
});

test('says how many events are lost', async () => {
  const { controller, open } = setUp();
  for (const message of ['one', 'two', 'three', 'four']) controller.emit({ message });
  const id = idIn(await next(open(null, 4)));
  const kept = controller.recentEvents(1);
  controller.recentEvents = () => kept;
  expect(await next(open(id))).toContain('event: gap\ndata: {"missed":2}');
});

test('a client that does not read is dropped and holds nothing', () => {
  const { controller, streams, onSlow, open } = setUp();
  open();
  for (let i = 0; i < 40; i++) controller.emit({ message: 'x'.repeat(100) });
  expect(onSlow).toHaveBeenCalledTimes(1);
  expect([streams.count, controller.subscribers, vi.getTimerCount()]).toEqual([0, 0, 0]);
});

test('a client that goes holds nothing, whichever way it is noticed', async () => {
  const { controller, streams, client, open } = setUp();
  await open().cancel();
  open();
  expect(controller.subscribers).toBe(1);
  client.abort();
  expect([streams.count, controller.subscribers, vi.getTimerCount()]).toEqual([0, 0, 0]);
});

test('there are only so many streams', async () => {
  const { open } = setUp();
  const first = open();
  open();
  expect(() => open()).toThrow(/All 2 event streams are taken/);
  await first.cancel();
  expect(() => open()).not.toThrow();
});
