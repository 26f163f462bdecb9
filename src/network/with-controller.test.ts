/** Addresses and the rest of a change stand or fall together. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createFakePlane, type FakePlane } from '../dataplane/fake.ts';
import { PoolgateError } from '../lib/errors.ts';
import { manualClock } from '../lib/manual-clock.ts';
import type { EffectiveConfig } from '../model/effective.ts';
import type { RunningController } from '../state/contract.ts';
import { createController } from '../state/create-controller.ts';
import { config, memoryFile, type MemoryFile, network as servers, textOf } from '../state/testing.ts';
import { fakeInterface, type FakeNetwork, fakeNetwork } from './testing.ts';
import { oneArmed } from '../model/effective.ts';

let stateDir: string;
let network: FakeNetwork;
let plane: FakePlane;
let file: MemoryFile;
let controller: RunningController;

function wants(...vips: string[]): EffectiveConfig {
  const [service] = config().services;
  if (!service) throw new Error('no service');
  const services = vips.map((vip, i) => ({ ...service, name: `s${i}`, vip }));
  return config({}, { services, topology: oneArmed('eth0') });
}

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'poolgate-addresses-'));
  network = fakeNetwork(fakeInterface(2, 'eth0', ['10.0.0.5/24']));
  plane = createFakePlane();
  file = memoryFile(wants('10.0.0.40'));
  controller = await createController({
    config: await file.read(),
    configFile: file,
    plane,
    stateDir,
    version: '0.0.0',
    dataPlaneReason: 'a test',
    clock: manualClock(),
    network,
    probes: { tcp: servers().probe },
  });
});
afterEach(async () => {
  await controller.stop();
  await rm(stateDir, { recursive: true });
});

const vipsOfPlane = (): string[] => plane.state().services.flatMap((s) => s.ports.map((p) => p.vip));

test('there before the plane binds, told of once it has, gone after the plane is closed', async () => {
  const apply = plane.apply.bind(plane);
  plane.apply = async (changes) => {
    network.done.push('bind');
    await apply(changes);
  };
  await controller.start();
  expect(network.done).toEqual(['check 10.0.0.40', 'add 10.0.0.40 eth0', 'bind', 'announce 10.0.0.40']);
  expect(controller.status().addresses).toEqual([
    { address: '10.0.0.40', interface: 'eth0', ours: true, present: true, conflict: null },
  ]);
  await controller.stop();
  expect(network.addresses('eth0')).toEqual(['10.0.0.5/24']);
});

test('a duplicate refuses the whole change: plane, file and addresses stay', async () => {
  await controller.start();
  network.others.set('10.0.0.41', '02:00:5e:00:53:99');
  const before = file.disk;
  await expect(controller.apply(textOf(wants('10.0.0.41')), 'api')).rejects.toMatchObject({
    code: 'ADDRESS_DUPLICATE',
  });
  expect(new Set(vipsOfPlane())).toEqual(new Set(['10.0.0.40']));
  expect(file.disk).toBe(before);
  expect(file.pending).toBe(0);
  expect(controller.recentEvents().map((e) => e.kind)).toEqual(
    expect.arrayContaining(['address-duplicate', 'config-rejected']),
  );
});

test.each([
  [
    'the plane refuses',
    () => void (plane.apply = () => Promise.reject(new PoolgateError('ADDRESS_IN_USE', 'taken'))),
  ],
  ['the file cannot be written', () => void (file.failCommit = new Error('read-only'))],
])('%s: the new address is taken back', async (_, fail) => {
  await controller.start();
  const apply = plane.apply;
  fail();
  await expect(controller.apply(textOf(wants('10.0.0.40', '10.0.0.41')), 'api')).rejects.toThrow(
    /taken|read-only/,
  );
  expect(network.addresses('eth0')).toEqual(['10.0.0.5/24', '10.0.0.40/32']);
  plane.apply = apply;
});
