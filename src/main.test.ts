/** The program as people start it: processes, signals, exit codes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
let directory: string;
let server: Server;
let ports: { admin: number; service: number; real: number };
const running = new Set<ChildProcess>();

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'poolgate-main-'));
  server = createServer((socket) => socket.on('error', () => {}).write('fe01\n'));
  ports = { admin: await freePort(), service: await freePort(), real: await listen(server, '127.0.0.11') };
  await writeFile(file('good.yaml'), config());
});
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
});
afterAll(async () => {
  server.close();
  await rm(directory, { recursive: true });
});

function file(name: string): string {
  return join(directory, name);
}

function config(change = ''): string {
  return `version: 1
admin: { listen: 127.0.0.1:${ports.admin} }
shutdownTimeout: 1s
pools:
  - name: ocspool
    healthChecks: [{ type: tcp, port: ${ports.real}, interval: 1s, timeout: 500ms }]
    realServers: [{ name: fe01, address: 127.0.0.11${change} }]
virtualServices:
  - { name: ocs, vip: 127.0.0.10, pool: ocspool, ports: [{ port: ${ports.service}, serverPort: ${ports.real} }] }
`;
}

function start(...args: string[]) {
  const env = {
    PATH: process.env['PATH'],
    POOLGATE_STATE_DIR: file('state'),
    POOLGATE_URL: `http://127.0.0.1:${ports.admin}`,
    POOLGATE_WORKERS: '1',
  };
  const child = spawn(process.execPath, [MAIN, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  const heard = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (heard.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (heard.err += chunk.toString()));
  const ended = once(child, 'close').then(([code]) => {
    running.delete(child);
    return { code: code as number | null, ...heard };
  });
  return { child, heard, ended };
}

function run(...args: string[]) {
  return start(...args).ended;
}

async function startReady() {
  const balancer = start('run', file('good.yaml'));
  await vi.waitUntil(() => balancer.heard.err.includes('"msg":"ready"'), { timeout: 15_000 });
  return balancer;
}

test('exit codes: 0 fine, 1 refused, 2 usage, 3 unreachable; data on stdout alone', async () => {
  const [version, missing, usage, unreachable] = await Promise.all([
    run('version', '--format', 'json'),
    run('run', file('none.yaml')),
    run('srvers'),
    run('servers', '--url', 'http://127.0.0.1:1'),
  ]);
  expect([version.code, version.err]).toEqual([0, '']);
  expect(JSON.parse(version.out)).toHaveProperty('poolgate');
  expect([missing.code, missing.out]).toEqual([1, '']);
  expect(missing.err).toContain('none.yaml');
  expect([usage.code, usage.out]).toEqual([2, '']);
  expect(usage.err).toContain('Did you mean servers?');
  expect([unreachable.code, unreachable.out]).toEqual([3, '']);
});

test('runs, is asked, changed, reloaded and stopped', async () => {
  const { child, heard, ended } = await startReady();
  const first = JSON.parse(heard.err.split('\n')[0] ?? '') as object;
  expect(first).toMatchObject({
    msg: 'starting',
    dataPlane: 'proxy',
    reason: 'auto: 127.0.0.10 is a loopback address',
  });
  expect((await stat(file('state'))).mode & 0o777).toBe(0o700);
  expect((await stat(file('state/admin-token'))).mode & 0o777).toBe(0o600);
  expect(heard.err).not.toContain((await readFile(file('state/admin-token'), 'utf8')).trim());

  const [status, second] = await Promise.all([run('status'), run('run', file('good.yaml'))]);
  expect(status.out).toMatch(/^OK {2}All is well: 1 of 1 server usable\n/);
  expect([second.code, second.err]).toEqual([1, expect.stringContaining('is taken by another program')]);

  await writeFile(file('good.yaml'), config(', weight: 7'));
  child.kill('SIGHUP');
  await vi.waitUntil(() => heard.err.includes('"msg":"config applied"'), { timeout: 5000 });
  expect(JSON.parse((await run('servers', '--format', 'json')).out)).toMatchObject([
    { name: 'fe01', weight: 7 },
  ]);

  child.kill('SIGTERM');
  expect(await ended).toMatchObject({ code: 0, out: '', err: expect.stringMatching(/"msg":"stopped"\}\n$/) });
});

test('a config with errors is shown with place and exit 1, and nothing is bound', async () => {
  await writeFile(file('bad.yaml'), config().replace('realServers', 'realServer'));
  const { code, out, err } = await run('run', file('bad.yaml'));
  expect([code, out]).toEqual([1, '']);
  expect(err).toMatch(new RegExp(`${file('bad.yaml')}:7:5: error .*realServer`));
});

async function freePort(): Promise<number> {
  const probe = createServer();
  const port = await listen(probe, '127.0.0.1');
  await new Promise((done) => probe.close(done));
  return port;
}

async function listen(listener: Server, host: string): Promise<number> {
  listener.listen(0, host);
  await once(listener, 'listening');
  return (listener.address() as { port: number }).port;
}
