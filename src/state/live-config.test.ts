/** The controller over a file on disk; what a config means is a stand-in, the file and its replacement are real. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ParsedConfig } from '../config/loaded.ts';
import { hashText } from '../config/store.ts';
import type { FakePlane } from '../dataplane/fake.ts';
import { createFakePlane } from '../dataplane/fake.ts';
import { manualClock } from '../lib/manual-clock.ts';
import type { RunningController } from './contract.ts';
import { createController } from './create-controller.ts';
import { liveConfigFile } from './live-config.ts';
import { config, network, server, textOf } from './testing.ts';

const finding = {
  rule: 'CONFIG_SYNTAX',
  message: 'not JSON',
  hint: '',
  line: 1,
  col: 1,
  source: '',
} as const;

function parseConfig(text: string, file: string): ParsedConfig {
  try {
    const effective = JSON.parse(text);
    return { config: { file, text, hash: hashText(text), effective, provenance: [] }, findings: [] };
  } catch {
    return { config: null, findings: [{ ...finding, severity: 'error', file }] };
  }
}

const two = textOf(config());
const three = textOf(config({ realServers: [server('fe01'), server('fe02'), server('fe03')] }));

let dir: string;
let path: string;
let plane: FakePlane;
let controller: RunningController;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'poolgate-config-'));
  path = join(dir, 'poolgate.yaml');
  await writeFile(path, two);
  plane = createFakePlane();
  const file = liveConfigFile(path, { parseConfig, planConfig: () => [] });
  controller = await createController({
    config: await file.read(),
    configFile: file,
    plane,
    stateDir: join(dir, 'state'),
    version: '0.0.0',
    dataPlaneReason: 'a test',
    clock: manualClock(),
    probes: { tcp: network().probe },
  });
  await controller.start();
});

afterEach(async () => {
  await controller.stop();
  await rm(dir, { recursive: true });
});

function servers(): number | undefined {
  return plane.state().pools[0]?.servers.length;
}

test('apply replaces the file and leaves nothing beside it', async () => {
  await controller.apply(three, 'api');
  expect(await readFile(path, 'utf8')).toBe(three);
  expect((await readdir(dir)).toSorted()).toEqual(['poolgate.yaml', 'state']);
  expect(servers()).toBe(3);
});

test('a plane that refuses leaves the file as it was and nothing beside it', async () => {
  plane.failApply(new Error('no room'));
  await expect(controller.apply(three, 'api')).rejects.toThrow('no room');
  expect(await readFile(path, 'utf8')).toBe(two);
  expect((await readdir(dir)).toSorted()).toEqual(['poolgate.yaml', 'state']);
  expect(servers()).toBe(2);
});

test('an edit by somebody else is not overwritten; once read, changes go on from it', async () => {
  const edited = textOf(config({ onDown: 'keep' }));
  await writeFile(path, edited);
  await expect(controller.apply(three, 'api')).rejects.toMatchObject({ code: 'CONFIG_CHANGED' });
  expect(await readFile(path, 'utf8')).toBe(edited);
  expect(servers()).toBe(2);
  await controller.reload('signal');
  await controller.apply(three, 'api');
  expect(servers()).toBe(3);
});

test('a file that cannot be read or understood leaves everything as it was', async () => {
  await writeFile(path, '{"half');
  await expect(controller.reload('signal')).rejects.toMatchObject({
    code: 'CONFIG_SYNTAX',
    findings: [{ line: 1 }],
  });
  await rm(path);
  await expect(controller.reload('signal')).rejects.toMatchObject({ code: 'CONFIG_UNREADABLE' });
  expect(servers()).toBe(2);
  expect(controller.recentEvents(2).map((e) => e.kind)).toEqual(['config-rejected', 'config-rejected']);
  await writeFile(path, three);
});
