import { createServer } from 'node:net';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import * as libc from './libc.ts';
import { encodeSockaddr, formatSockaddr, SOCKADDR_MAX } from './sockaddr.ts';

test('what the kernel writes is where the layouts say: addresses, epoll events, eventfd', async () => {
  const server = createServer().listen(0, '::1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const fd = libc.sys.socket(libc.AF_INET6, libc.SOCK_STREAM | libc.SOCK_NONBLOCK | libc.SOCK_CLOEXEC, 0);
  const address = new libc.Memory(SOCKADDR_MAX);
  address.bytes.set(encodeSockaddr('::1', port));
  expect(libc.sys.connect(fd, address.address, SOCKADDR_MAX)).toBe(-1);
  expect(libc.errno()).toBe(libc.EINPROGRESS);

  const epoll = libc.sys.epoll_create1(libc.EPOLL_CLOEXEC);
  const events = new libc.Memory(2 * libc.EPOLL_EVENT_WORDS * 4);
  events.int32[0] = libc.EPOLLOUT;
  events.int32[libc.EPOLL_DATA_WORD] = 0x1234567;
  events.int32[libc.EPOLL_DATA_WORD + 1] = 42;
  expect(libc.sys.epoll_ctl(epoll, libc.EPOLL_CTL_ADD, fd, events.address)).toBe(0);
  events.bytes.fill(0);
  expect(libc.sys.epoll_wait(epoll, events.address, 2, 2000)).toBe(1);
  expect(events.int32[0]! & libc.EPOLLOUT).toBe(libc.EPOLLOUT);
  expect([...events.int32.subarray(libc.EPOLL_DATA_WORD, libc.EPOLL_DATA_WORD + 2)]).toEqual([0x1234567, 42]);

  const length = new libc.Memory(4);
  length.int32[0] = SOCKADDR_MAX;
  expect(libc.sys.getpeername(fd, address.address, length.address)).toBe(0);
  expect(length.int32[0]).toBe(SOCKADDR_MAX);
  expect(formatSockaddr(address.bytes)).toBe(`[::1]:${port}`);
  libc.sys.close(fd);
  libc.sys.close(epoll);
  server.close();
});

test('errno and its words', () => {
  expect(libc.sys.close(-1)).toBe(-1);
  expect(libc.errorText(libc.errno())).toBe('Bad file descriptor');
});
