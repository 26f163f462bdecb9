import { expect, test, vi } from 'vitest';
import { connectTo } from './client.ts';
import { follow } from './follow.ts';
import { readSse } from './sse.ts';
import { startDaemon } from './testing.ts';

async function* chunks(...texts: string[]) {
  for (const text of texts) yield new TextEncoder().encode(text);
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

test('reads events however they are cut into pieces', async () => {
  const read = await all(
    readSse(chunks('retry: 1\n\nid: a-', '1\nevent: x\nda', 'ta: {"é":1}\r\n\r\n:\n', 'data: cut')),
  );
  expect(read).toEqual([{ id: 'a-1', event: 'x', data: '{"é":1}' }, null]);
});

test('a line without end is refused', async () => {
  const endless = Array.from({ length: 20 }, () => 'x'.repeat(100_000));
  await expect(all(readSse(chunks(...endless)))).rejects.toThrow('line without end');
});

test('shows the latest, with who did it', async () => {
  await using daemon = await startDaemon();
  daemon.controller.emit({
    severity: 'warning',
    message: 'Server ocspool/fe02 is DOWN',
    kind: 'server-down',
  });
  daemon.controller.emit({ message: 'weight 3', actor: 'api' });
  const { out } = await daemon.ask('events');
  expect(out).toBe(
    '2026-03-01 02:00:00Z  warning  Server ocspool/fe02 is DOWN [health]\n2026-03-01 02:00:00Z  notice   weight 3 [api]\n',
  );
  expect(JSON.parse((await daemon.ask('events -n 1 --format json')).out)).toMatchObject([{ seq: 2 }]);
});

test('-f begins with the past, goes on with what happens, and Ctrl-C ends it with 0', async () => {
  await using daemon = await startDaemon();
  const interrupt = new AbortController();
  let heard = '';
  daemon.controller.emit({ message: 'before' });
  const run = daemon.ask('events -f --format json', {
    interrupted: interrupt.signal,
    heard: (text) => (heard += text),
  });
  await vi.waitUntil(() => heard.includes('before'));
  daemon.controller.emit({ message: 'after' });
  await vi.waitUntil(() => heard.includes('after'));
  interrupt.abort();
  const { code, out } = await run;
  expect(code).toBe(0);
  const lines = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { message: string });
  expect(lines.map(({ message }) => message)).toEqual(['before', 'after']);
  await vi.waitUntil(() => daemon.controller.subscribers === 0);
});

test('following survives a restart of the daemon and repeats nothing', async () => {
  const first = await startDaemon();
  const heard: string[] = [];
  const end = new AbortController();
  const io = { env: first.env } as never;
  const handlers = {
    onEvent: (e: { message: string }) => void heard.push(e.message),
    onNotice: (t: string) => void heard.push(t),
  };
  const times = { firstRetryMs: 20, longestRetryMs: 50, silenceMs: 5000 };
  const done = follow(connectTo({}, io), 0, handlers, end.signal, times);
  await vi.waitUntil(() => first.controller.subscribers === 1);
  first.controller.emit({ message: 'one' });
  await vi.waitUntil(() => heard.includes('one'));
  await first.server.close();
  await vi.waitUntil(() => heard.length > 1);
  const second = await startDaemon(first.server.port);
  second.controller.setStatus({ startedAt: '2026-03-01T02:30:00.000Z' });
  second.controller.emit({ message: 'two' });
  await vi.waitUntil(() => heard.includes('two'));
  end.abort();
  await done;
  await second.server.close();
  expect(heard).toEqual([
    'one',
    'The connection to the daemon is lost; trying again.',
    'Connected again.',
    'two',
  ]);
});

test('following a daemon that is not there fails at once', async () => {
  const client = connectTo({ url: 'http://127.0.0.1:1' }, { env: { POOLGATE_TOKEN: 'x' } } as never);
  const quiet = { onEvent: () => {}, onNotice: () => {} };
  await expect(follow(client, 0, quiet, new AbortController().signal)).rejects.toMatchObject({
    code: 'DAEMON_UNREACHABLE',
  });
});
