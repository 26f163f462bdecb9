import { describe, expect, test } from 'vitest';
import { Batch, PLACE_SIZE } from './batch.ts';
import { EAGAIN, Memory, sys } from './libc.ts';
import { openRings, sendText, socketPair } from './test-sockets.ts';

const EPIPE = 32;

describe.each([true, false])('with io_uring: %s', (ioUring) => {
  // As many as are done by plain calls even where there is a ring, and more.
  test.each([1, 2, 3, 32])('%i ends at once: each other end gets what came', (count) => {
    const batch = new Batch(ioUring);
    const links = Array.from({ length: count }, () => ({ client: socketPair(), server: socketPair() }));
    links.forEach(({ client, server }, i) => {
      sendText(client[0], `hello ${i}`);
      expect(batch.add(i * 2, client[1], server[0])).toBe(i < 31);
    });
    batch.exchange();
    links.forEach(({ server }, i) => {
      expect(textAt(server[1])).toBe(`hello ${i}`);
      expect([batch.ends[i], batch.got[i], batch.sent[i]]).toEqual([
        i * 2,
        `hello ${i}`.length,
        `hello ${i}`.length,
      ]);
    });
    batch.close();
    for (const { client, server } of links) for (const fd of [...client, ...server]) sys.close(fd);
  });

  test('nothing there, an end of stream, no reader, a reader that is full, an end that is over', () => {
    const batch = new Batch(ioUring);
    const links = Array.from({ length: 5 }, () => ({ client: socketPair(), server: socketPair() }));
    const [, ended, gone, full, over] = links;
    sys.close(ended!.client[0]);
    sendText(gone!.client[0], 'nobody hears this');
    sys.close(gone!.server[1]);
    provokeReset(gone!.server[0]);
    fill(full!.server[0]);
    sendText(full!.client[0], 'x'.repeat(PLACE_SIZE + 1));
    sendText(over!.client[0], 'must not be read');
    links.forEach(({ client, server }, i) => batch.add(i, client[1], server[0]));
    batch.drop(4);
    batch.exchange();
    expect([...batch.got.subarray(0, 4)]).toEqual([-EAGAIN, 0, 17, PLACE_SIZE]);
    expect([...batch.sent.subarray(2, 4)]).toEqual([-EPIPE, -EAGAIN]);
    expect(Buffer.from(batch.unsent(3)).toString()).toBe('x'.repeat(PLACE_SIZE));
    expect(textAt(over!.client[1])).toBe('must not be read');
    batch.close();
    for (const { client, server } of links) for (const fd of [...client, ...server]) sys.close(fd);
  });
});

test('a ring that the kernel stops serving is done without', () => {
  const before = openRings();
  const batch = new Batch(true);
  for (const fd of openRings()) if (!before.includes(fd)) sys.close(fd);
  const links = Array.from({ length: 4 }, () => ({ client: socketPair(), server: socketPair() }));
  for (const { client, server } of links) {
    sendText(client[0], 'still here');
    batch.add(0, client[1], server[0]);
  }
  batch.exchange();
  expect(links.map(({ server }) => textAt(server[1]))).toEqual(Array(4).fill('still here'));
  for (const { client, server } of links) for (const fd of [...client, ...server]) sys.close(fd);
});

function textAt(fd: number): string {
  const memory = new Memory(64);
  const got = sys.recv(fd, memory.address, 64, 0);
  return Buffer.from(memory.bytes.subarray(0, Math.max(got, 0))).toString();
}

/** The reset that answers the first write to a closed peer is there when loopback has returned. */
function provokeReset(fd: number): void {
  sendText(fd, 'x');
  const memory = new Memory(8);
  sys.recv(fd, memory.address, 8, 0);
}

function fill(fd: number): void {
  const memory = new Memory(65_536);
  while (sys.send(fd, memory.address, 65_536, 0) > 0);
}
