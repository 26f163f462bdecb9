import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';

test('a thread with its own table neither holds the sockets of others nor sees what they open', async () => {
  const early = createServer().listen(0, '127.0.0.1');
  await once(early, 'listening');
  const { port } = early.address() as { port: number };
  const module = new URL('own-descriptors.ts', import.meta.url).href;
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads');
     const { readdirSync } = require('node:fs');
     import('${module}').then(({ ownDescriptorTable }) => {
       ownDescriptorTable();
       const list = () => readdirSync('/proc/thread-self/fd').length;
       parentPort.postMessage(list());
       parentPort.once('message', () => parentPort.postMessage(list()));
     });`,
    { eval: true },
  );
  const [before] = await once(worker, 'message');

  // Were the copy still open, the port would be too.
  early.close();
  await once(early, 'close');
  const again = createServer().listen(port, '127.0.0.1');
  await once(again, 'listening');
  const more = Array.from({ length: 20 }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(more.map((server) => once(server, 'listening')));
  const ours = readdirSync('/proc/self/fd').length;
  worker.postMessage('look again');
  expect((await once(worker, 'message'))[0]).toBe(before);
  expect(ours).toBeGreaterThan(20);

  for (const server of [again, ...more]) server.close();
  await worker.terminate();
});
