import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { dataPlaneContract } from '../dataplane.contract.ts';
import { Rig, VIP } from '../contract/rig.ts';
import { sys } from './libc.ts';
import { createProxyPlane } from './plane.ts';
import { connectTo, sendText } from './test-sockets.ts';

const MSG_OOB = 1;

dataPlaneContract('proxy plane', () => createProxyPlane({ workers: 2 }));
dataPlaneContract('proxy plane without io_uring', () => createProxyPlane({ workers: 2, ioUring: false }));

test.each([true, false])(
  'urgent data is left out, and loses nothing around it (io_uring: %s)',
  async (ioUring) => {
    const rig = new Rig(await createProxyPlane({ workers: 1, ioUring }));
    let heard = '';
    await rig.start([1], { server: { onSocket: (socket) => socket.on('data', (data) => (heard += data)) } });
    const fd = connectTo(VIP, rig.port);
    for (let i = 0; i < 20; i++) {
      sendText(fd, 'abc');
      sendText(fd, '!', MSG_OOB);
      sendText(fd, 'def');
    }
    // A byte that another urgent one overtakes is ordinary again (tcp(7)).
    await expect.poll(() => heard.replaceAll('!', '')).toBe('abcdef'.repeat(20));
    sys.close(fd);
    await rig.allZero();
    await rig.close();
  },
);

test('a process with idle workers can exit at once, without closing the plane', () => {
  const script = join(mkdtempSync(join(tmpdir(), 'poolgate-exit-')), 'exit.mjs');
  const plane = new URL('plane.ts', import.meta.url).href;
  writeFileSync(
    script,
    `import { createProxyPlane } from '${plane}'; await createProxyPlane(); process.exit(7);`,
  );
  const { status } = spawnSync(process.execPath, [script], { timeout: 10_000 });
  rmSync(dirname(script), { recursive: true });
  expect(status).toBe(7);
});
