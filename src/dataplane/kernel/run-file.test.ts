import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EMPTY_STATE } from '../dataplane.ts';
import { NO_NUMBERS } from './maps/numbers.ts';
import { type Kept, RunFile } from './run-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'poolgate-kept-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const KEPT: Kept = {
  interfaces: [2, 3],
  state: EMPTY_STATE,
  numbers: {
    ...NO_NUMBERS,
    pools: new Map([
      ['p', { id: 1, servers: new Map([['a', { position: 0, generation: 7, address: '10.0.0.41' }]]) }],
    ]),
    services: new Map([['s', 3]]),
    targets: { last: 9, of: new Map([['10.0.0.41', 9]]) },
    lastGeneration: 7,
  },
  baselines: new Map([['p/a 7', [12_345_678_901_234_567_890n, 0n]]]),
};

test('what is written is read, and only the owner can', async () => {
  const file = new RunFile(folder);
  await file.write(KEPT);
  expect(await file.read()).toEqual(KEPT);
  expect(statSync(join(folder, 'kernel-plane.json')).mode & 0o777).toBe(0o600);
  await file.remove();
  expect(await file.read()).toBeNull();
  await file.remove();
});

test.each(['', '{', '[]', '{"version":2}', '{"version":1,"interfaces":[-1]}'])(
  'a file that says "%s" says nothing',
  async (text) => {
    writeFileSync(join(folder, 'kernel-plane.json'), text);
    expect(await new RunFile(folder).read()).toBeNull();
  },
);
