import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { PORTS } from './addresses.ts';
import type { Started } from './processes.ts';

/** Tries until it succeeds; throws when the process ends first or after `limitMs`, with what the process said. */
export async function waitUntil(
  what: string,
  started: Started,
  attempt: () => Promise<boolean>,
  limitMs = 20_000,
) {
  const end = Date.now() + limitMs;
  let gone = false;
  started.ended.then(
    () => (gone = true),
    () => (gone = true),
  );
  while (!(await attempt())) {
    if (gone) throw new Error(`${what}: it ended before it was ready\n${started.output()}`);
    if (Date.now() > end)
      throw new Error(`${what}: not ready after ${limitMs / 1000} s\n${started.output()}`);
    await delay(25);
  }
}

/** True when a message through this address comes back, so both the balancer and a server behind it answer. */
export function echoes(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(PORTS.small, address, () => socket.write('ready?'));
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1000, () => settle(false));
    socket.once('data', () => settle(true));
    socket.once('error', () => settle(false));
    socket.once('close', () => settle(false));
  });
}

/** True when this URL answers with 200. */
export async function answersOk(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(1000) })).status === 200;
  } catch {
    return false;
  }
}
