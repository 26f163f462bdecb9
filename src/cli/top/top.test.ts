import { EventEmitter } from 'node:events';
import type { ReadStream, WriteStream } from 'node:tty';
import { expect, test, vi } from 'vitest';
import { FAKE_TIME, fakeServer } from '../../api/fake-controller.ts';
import { startDaemon } from '../testing.ts';
import { toText, widthOf } from '../terminal/spans.ts';
import { sparkline } from '../terminal/sparkline.ts';
import { follow, KEPT, latest, NO_RATES, NO_TRACE, type Sample } from './trace.ts';
import { render } from './view.ts';

async function sampleOf(at: number, change: Partial<Sample> = {}): Promise<Sample> {
  await using daemon = await startDaemon();
  const { controller } = daemon;
  return {
    at,
    status: controller.status(),
    servers: controller.servers(),
    sources: [],
    events: [],
    ...change,
  };
}

test('rates come from totals and the time between; another process begins anew', async () => {
  const first = await sampleOf(1000);
  const fe01 = { ...fakeServer('fe01', '10.0.0.41'), total: 50, bytesIn: 3048 };
  const second = { ...first, at: 3000, servers: [fe01] };
  const trace = follow(follow(NO_TRACE, first), second);
  expect(latest(trace.servers, 'ocspool/fe01')).toEqual({
    connections: 5,
    refused: 0,
    bytesIn: 1024,
    bytesOut: 0,
  });
  expect(latest(trace.servers, 'ocspool/fe02')).toEqual(NO_RATES);
  const other = { ...second, at: 4000, status: { ...second.status, startedAt: '2026-03-02T02:00:00.000Z' } };
  expect(latest(follow(trace, other).servers, 'ocspool/fe01')).toEqual(NO_RATES);
  let long = trace;
  for (let i = 0; i < KEPT * 2; i++) long = follow(long, { ...second, at: 5000 + i * 1000 });
  expect(long.servers.get('ocspool/fe01')).toHaveLength(KEPT);
});

test('sparklines', () => {
  expect(sparkline([0, 1, 2, 4], 6)).toBe('  ▁▃▅█');
  expect(sparkline([9, 0, 0], 2)).toBe('▁▁');
  expect(sparkline([], 3)).toBe('   ');
});

test.each([
  [120, 34],
  [80, 24],
  [60, 18],
  [40, 10],
  [20, 5],
  [1, 1],
])('%i columns and %i rows: exactly so many, whatever is shown', async (columns, rows) => {
  const servers = Array.from({ length: 50 }, (_, i) => fakeServer(`fe${i}`, `10.0.0.${i}`));
  const events = Array.from({ length: 60 }, (_, i) => event(i, 'Server ocspool/fe01 is DOWN, '.repeat(9)));
  const sample = await sampleOf(0, { servers, events });
  const shown = render(
    { trace: follow(NO_TRACE, sample), sample, now: Date.parse(FAKE_TIME), trouble: '' },
    { columns, rows },
  );
  expect(shown.map(widthOf)).toEqual(Array(rows).fill(columns));
});

function event(seq: number, message: string): Sample['events'][number] {
  return { seq, at: FAKE_TIME, kind: 'server-down', severity: 'warning', message, actor: 'health' };
}

test('what does not find room is counted, and servers that need a look come first', async () => {
  const many = Array.from({ length: 40 }, (_, i) => fakeServer(`fe${10 + i}`, '10.0.0.41'));
  const down = {
    ...fakeServer('fe99', '10.0.0.99'),
    health: 'down',
    usable: false,
    reason: 'down: L4CON',
  } as const;
  const sample = await sampleOf(0, { servers: [...many, down], events: [event(1, 'newest')] });
  const scene = { trace: NO_TRACE, sample, now: 0, trouble: '' };
  const text = render(scene, { columns: 100, rows: 20 }).map((line) => toText(line, false));
  const at = text.findIndex((line) => line.startsWith(' SERVER '));
  expect(text[at + 1]).toMatch(/^ fe99 +DOWN .*down: L4CON/);
  expect(text.some((line) => /^ … and \d+ more/.test(line))).toBe(true);
  expect(text.some((line) => line.includes('newest'))).toBe(true);
  expect(text.at(-1)).toMatch(/^ q quit/);
});

test('names and messages cannot act on the terminal; without colours there is no escape sequence', async () => {
  const evil = '\u001b]0;owned\u0007\u202e';
  const servers = [{ ...fakeServer(evil, '10.0.0.41'), pool: evil, reason: evil, usable: false }];
  const sample = await sampleOf(0, { servers, events: [event(1, evil)] });
  const text = render({ trace: NO_TRACE, sample, now: 0, trouble: evil }, { columns: 120, rows: 30 });
  // oxlint-disable-next-line no-control-regex -- what must not be there
  expect(text.map((line) => toText(line, false)).join('')).not.toMatch(/[\u0000-\u001f\u202e]/);
});

test('where the output is no terminal: a snapshot, as lines and as JSON', async () => {
  await using daemon = await startDaemon();
  const { code, out, err } = await daemon.ask('top', { columns: 100 });
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/^ POOLGATE {2}OK {2}All is well: 2 of 2 servers usable/);
  expect(out).toMatch(/^ fe01 +UP +3 +0 +0 B +0 B +1/m);
  // oxlint-disable-next-line no-control-regex -- what must not be there
  expect(out).not.toMatch(/\u001b|q quit/);
  const json = JSON.parse((await daemon.ask('top --format json')).out);
  expect(json).toMatchObject({
    services: [{ name: 'ocs', perSecond: { connections: 0, refused: 0 } }],
    servers: [{ name: 'fe01', perSecond: { connections: 0, bytesIn: 0, bytesOut: 0 } }, { name: 'fe02' }],
    events: [],
  });
});

function terminal() {
  const raw: boolean[] = [];
  let text = '';
  const output = Object.assign(new EventEmitter(), {
    columns: 80,
    rows: 24,
    write: (more: string) => (text += more),
  });
  const input = Object.assign(new EventEmitter(), {
    setRawMode: (on: boolean) => raw.push(on),
    resume: () => {},
    pause: () => {},
  });
  return {
    given: { output: output as unknown as WriteStream, input: input as unknown as ReadStream },
    raw,
    type: (key: string) => input.emit('data', Buffer.from(key)),
    written: () => text,
  };
}

const LEFT = '\u001b[?25h\u001b[?1049l';

test.each([
  ['q', 'q'],
  ['Ctrl-C', '\u0003'],
])('live: shows what changes, and %s gives the terminal back as it was', async (_, key) => {
  await using daemon = await startDaemon();
  const signals = process.listenerCount('SIGTERM');
  const t = terminal();
  const ran = daemon.ask('top', { terminal: t.given });
  await vi.waitUntil(() => t.written().includes('fe02'));
  daemon.controller.setServer('fe02', { health: 'down', usable: false, reason: 'down: L4CON' });
  await vi.waitUntil(() => t.written().includes('DEGRADED'), { timeout: 5000 });
  expect(t.written()).not.toContain(LEFT);
  t.type(key);
  expect(await ran).toEqual({ code: 0, out: '', err: '' });
  expect(t.written().endsWith(LEFT)).toBe(true);
  expect([t.raw, process.listenerCount('SIGTERM')]).toEqual([[true, false], signals]);
});

test('live: SIGTERM and an interrupt give it back too', async () => {
  await using daemon = await startDaemon();
  for (const end of ['SIGTERM', 'interrupt'] as const) {
    const t = terminal();
    const interrupt = new AbortController();
    const ran = daemon.ask('top', { terminal: t.given, interrupted: interrupt.signal });
    await vi.waitUntil(() => t.written().includes('fe02'));
    if (end === 'SIGTERM') process.emit('SIGTERM');
    else interrupt.abort();
    expect((await ran).code).toBe(0);
    expect(t.written().endsWith(LEFT)).toBe(true);
  }
});

test('no daemon: exit 3 before the terminal is touched; one that goes is told of', async () => {
  const daemon = await startDaemon();
  const t = terminal();
  const ran = daemon.ask('top', { terminal: t.given });
  await vi.waitUntil(() => t.written().includes('fe02'));
  await daemon[Symbol.asyncDispose]();
  await vi.waitUntil(() => t.written().includes('No answer for'), { timeout: 10_000 });
  t.type('q');
  expect((await ran).code).toBe(0);
  const untouched = terminal();
  expect((await daemon.ask('top', { terminal: untouched.given })).code).toBe(3);
  expect(untouched.written()).toBe('');
});
