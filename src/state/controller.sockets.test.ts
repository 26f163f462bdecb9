/** The controller with the real clock and real probes, against a server that is killed and comes back. */
import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { createFakePlane } from '../dataplane/fake.ts';
import { createController } from './create-controller.ts';
import { check, config, memoryFile, server } from './testing.ts';

function listen(port: number): Promise<Server> {
  const listener = createServer((socket) => socket.on('error', () => {}).end());
  return new Promise((done) => listener.listen(port, '127.0.0.1', () => done(listener)));
}

function portOf(listener: Server): number {
  const address = listener.address();
  return typeof address === 'object' && address ? address.port : 0;
}

test('a killed port takes its server out after `fall` refusals and brings it back after `rise` answers', async () => {
  const sip = await listen(0);
  const web = await listen(0);
  const healthChecks = [sip, web].map((l) => check(portOf(l), { intervalMs: 20, timeoutMs: 2000 }));
  const file = memoryFile(config({ healthChecks, realServers: [server('fe01', { address: '127.0.0.1' })] }));
  const stateDir = await mkdtemp(join(tmpdir(), 'poolgate-state-'));
  const controller = await createController({
    config: await file.read(),
    configFile: file,
    plane: createFakePlane(),
    stateDir,
    version: '0.0.0',
    dataPlaneReason: 'a test',
  });
  const health = () => controller.servers()[0]?.health;
  await controller.start();
  await vi.waitUntil(() => controller.status().ready && health() === 'up');

  web.close();
  await vi.waitUntil(() => health() === 'down');
  const port = healthChecks[1]?.port ?? 0;
  await vi.waitUntil(() => controller.recentEvents().some((e) => e.kind === 'server-down'));
  expect(controller.servers()[0]?.reason).toBe(`down: L4CON ("Connection refused" on port ${port})`);

  const again = await listen(port);
  await vi.waitUntil(() => controller.servers()[0]?.usable);
  await controller.stop();
  for (const listener of [sip, again]) listener.close();
  await rm(stateDir, { recursive: true });
});
