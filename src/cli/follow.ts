/** Follows the daemon's events through restarts and broken connections, without losing or repeating one. */
import { setTimeout as sleep } from 'node:timers/promises';
import { event as eventSchema } from '../api/views.ts';
import { PoolgateError } from '../lib/errors.ts';
import type { PoolgateEvent } from '../state/contract.ts';
import type { Client } from './client.ts';
import { readSse } from './sse.ts';

export interface Followed {
  onEvent(event: PoolgateEvent): void;
  /** For people: lost, back, events missed. */
  onNotice(text: string): void;
}

export interface FollowTimes {
  readonly firstRetryMs: number;
  readonly longestRetryMs: number;
  /** Three heartbeats of the daemon. */
  readonly silenceMs: number;
}

export const FOLLOW_TIMES: FollowTimes = { firstRetryMs: 250, longestRetryMs: 5000, silenceMs: 45_000 };

/**
 * Resolves when the signal aborts.
 * @param recent past events to begin with
 * @throws PoolgateError when the first connection fails, or later when the daemon refuses
 */
export async function follow(
  client: Client,
  recent: number,
  followed: Followed,
  signal: AbortSignal,
  times: FollowTimes = FOLLOW_TIMES,
): Promise<void> {
  let lastId: string | null = null;
  let connected = false;
  let retryMs = times.firstRetryMs;
  while (!signal.aborted) {
    try {
      for await (const message of messages(client, lastId, recent, signal, times.silenceMs)) {
        if (connected && retryMs > times.firstRetryMs) followed.onNotice('Connected again.');
        connected = true;
        retryMs = times.firstRetryMs;
        if (message === null) continue;
        lastId = message.id ?? lastId;
        deliver(message, followed);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!connected || isRefusal(error)) throw error;
    }
    if (signal.aborted) return;
    if (retryMs === times.firstRetryMs)
      followed.onNotice('The connection to the daemon is lost; trying again.');
    await sleep(retryMs, undefined, { signal }).catch(() => {});
    retryMs = Math.min(times.longestRetryMs, retryMs * 2);
  }
}

async function* messages(
  client: Client,
  lastId: string | null,
  recent: number,
  signal: AbortSignal,
  silenceMs: number,
) {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), silenceMs);
  try {
    const headers: Record<string, string> = lastId === null ? {} : { 'last-event-id': lastId };
    const ended = AbortSignal.any([signal, silence.signal]);
    const response = await client.stream(`/api/v1/events?recent=${recent}`, headers, ended);
    yield null;
    for await (const message of readSse(response.body as AsyncIterable<Uint8Array>)) {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), silenceMs);
      yield message;
    }
  } finally {
    clearTimeout(timer);
  }
}

function deliver(message: { event: string; data: string }, followed: Followed): void {
  const data: unknown = JSON.parse(message.data);
  if (message.event === 'gap') {
    const { missed } = data as { missed?: unknown };
    followed.onNotice(`${Number(missed)} events are lost: they are older than what the daemon keeps.`);
    return;
  }
  if (eventSchema.safeParse(data).success) followed.onEvent(data as PoolgateEvent);
}

/** A daemon that starts, or is busy, will take us in a moment; one that says no will not. */
function isRefusal(error: unknown): boolean {
  return error instanceof PoolgateError && !['DAEMON_UNREACHABLE', 'STARTING', 'BUSY'].includes(error.code);
}
