import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readyBench } from '../state/testing.ts';
import type { LogLevel } from './log.ts';
import { createLogger, logEvents, logStarting } from './log.ts';

let dir: string;
let fd: number;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'poolgate-log-'));
  fd = openSync(join(dir, 'log'), 'w');
});
afterEach(() => {
  closeSync(fd);
  rmSync(dir, { recursive: true });
});

function logger(level: LogLevel = 'info') {
  return createLogger({ level, fd });
}

function lines(): Record<string, unknown>[] {
  const text = readFileSync(join(dir, 'log'), 'utf8');
  return text.split('\n').flatMap((l) => (l ? [JSON.parse(l)] : []));
}

test('first the data plane and why, then events with a fixed text and the sentence, ready with what serves', async () => {
  const bench = await readyBench();
  const stop = new AbortController();
  const log = logger();
  logStarting(log, bench.controller.status());
  logEvents(log, bench.controller, stop.signal);
  bench.net.refusing.add('10.0.0.41:444');
  await bench.clock.advance(20_000);
  stop.abort();
  await bench.controller.setAdmin('fe02', 'drain', 'api');

  const [first, ...rest] = lines();
  expect(first).toMatchObject({ level: 'info', msg: 'starting', dataPlane: 'fake', reason: 'a test' });
  expect(rest.map((l) => l['msg'])).toEqual(['server up', 'server up', 'ready', 'server down']);
  expect(rest[2]).toMatchObject({ dataPlane: 'fake', reason: 'a test', services: ['ocs'] });
  expect(rest[3]).toMatchObject({
    level: 'warn',
    event: 'server-down',
    pool: 'ocspool',
    realServer: 'fe01',
    actor: 'health',
    detail: expect.stringContaining('Server ocspool/fe01 is DOWN, reason: L4CON'),
  });
  await bench.end();
});

test('what is below the level is left out', () => {
  logger('warn').info('quiet');
  logger('warn').warn('loud');
  expect(lines().map((l) => l['msg'])).toEqual(['loud']);
});

test('secrets are not written', () => {
  logger().info({ token: 'abc123', headers: { authorization: 'Bearer abc123' } }, 'request');
  expect(readFileSync(join(dir, 'log'), 'utf8')).not.toContain('abc123');
});
