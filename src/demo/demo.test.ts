/** The demo as it is started where nobody looks on: the real balancer, real sockets, real time. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'poolgate-test-'));
});
afterAll(() => rm(directory, { recursive: true }));

function demo(...args: string[]) {
  const env = { PATH: process.env['PATH'], TMPDIR: directory };
  const child = spawn(process.execPath, [MAIN, 'demo', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const heard = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (heard.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (heard.err += chunk.toString()));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...heard }));
  return { child, heard, ended };
}

test('shows all, proves it, leaves nothing behind', { timeout: 45_000 }, async () => {
  const began = performance.now();
  const { code, out, err } = await demo().ended;
  expect(err).toBe('');
  expect(out).toMatch(
    /balancer: Server ocspool\/fe02 is DOWN, reason: L4CON \("Connection refused" on port \d+\)/,
  );
  const summary = out.slice(out.indexOf('WHAT WAS SHOWN'));
  expect(summary).toMatch(/^ok +Connections alternate +12 in a row: (fe0\d) (fe0\d) (fe0\d) \1 /m);
  expect(summary).toMatch(/^ok +Load is spread evenly +fe01 4 · fe02 4 · fe03 4$/m);
  expect(summary).toMatch(/^ok +TLS passes through +\d+ handshakes/m);
  expect(summary).toMatch(/^ok +Failure of fe02 is seen +DOWN \d+ ms after/m);
  expect(summary).toMatch(/^ok +Its phones move +4 phones on another server within \d+ ms$/m);
  expect(summary).toMatch(/^ok +DOWN gets nothing +\d+ connections since, 0 went to fe02$/m);
  expect(summary).toMatch(/^ok +fe02 comes back +UP \d+ ms after/m);
  expect(summary).toMatch(/^ok +fe02 is filled first +6 of 6/m);
  expect(summary).toMatch(/^ok +fe03 is drained +\d+ connections since, 0 went there, 0 cut$/m);
  expect(summary).toMatch(/^ok +Nobody else was cut +\d+ answered; 4 cut, all by failure of fe02$/m);
  expect(summary).toMatch(/^ok +Counts return to zero/m);
  expect(summary).not.toContain('FAILED');
  expect(code).toBe(0);
  expect(performance.now() - began).toBeLessThan(30_000);
  expect(await readdir(directory)).toEqual([]);
});

test('a signal ends it early, with what was shown until then, and nothing stays', async () => {
  const { child, heard, ended } = demo('--plain');
  await vi.waitUntil(() => heard.out.includes('ok: Connections alternate'), { timeout: 15_000 });
  child.kill('SIGTERM');
  const { code, out } = await ended;
  expect(code).toBe(1);
  expect(out).toMatch(/^ok +Connections alternate/m);
  expect(out).toMatch(/^Not shown: .*fe03 is taken out for an update\.$/m);
  expect(await readdir(directory)).toEqual([]);
});

test('a balancer that ends before its time is told, and nothing is claimed that was not seen', async () => {
  const { child, heard, ended } = demo('--plain');
  await vi.waitUntil(() => heard.out.includes('ok: Connections alternate'), { timeout: 15_000 });
  const [balancer] = (await readFile(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8')).split(' ');
  process.kill(Number(balancer), 'SIGKILL');
  const { code, out } = await ended;
  expect(code).toBe(1);
  expect(out).toMatch(/^FAILED +The balancer runs +it ended before its time$/m);
  expect(out).not.toMatch(/Counts return to zero|All of this was observed/);
  expect(await readdir(directory)).toEqual([]);
});

test('a demo that is killed takes its balancer and their files with it', async () => {
  const { child, heard, ended } = demo('--plain');
  await vi.waitUntil(() => heard.out.includes('balancer: Ready'), { timeout: 15_000 });
  const admin = /POOLGATE_URL=(\S+)/.exec(heard.out)?.[1] ?? 'http://127.0.0.1:9080';
  expect((await fetch(`${admin}/healthz`)).status).toBe(200);
  child.kill('SIGKILL');
  await ended;
  await vi.waitUntil(async () => (await readdir(directory)).length === 0, { timeout: 10_000 });
  await expect(fetch(`${admin}/healthz`)).rejects.toThrow('fetch failed');
});
