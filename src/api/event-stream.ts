/**
 * Server-sent events. An id is `EPOCH-SEQ`: the sequence starts anew with the process, and the epoch keeps a client
 * that reconnects after a restart from skipping what it has not seen.
 */
import type { Controller, PoolgateEvent } from '../state/contract.ts';
import { HttpRefusal } from './problem.ts';

export interface Streams {
  /** One more stream. @throws HttpRefusal 503 BUSY when all are taken */
  open(request: StreamRequest): ReadableStream<Uint8Array>;
  readonly count: number;
}

export interface StreamRequest {
  readonly controller: Controller;
  /** The Last-Event-ID header: everything after it that is still kept is sent first. */
  readonly lastEventId: string | null;
  /** Without a Last-Event-ID: how many past events to send first. */
  readonly recent: number;
  /** Ends when the client goes. */
  readonly signal: AbortSignal;
  /** Called when the client reads too slowly and is dropped. */
  readonly onSlow: () => void;
}

export interface StreamLimits {
  readonly streams: number;
  /** Unsent bytes at which a client counts as too slow. */
  readonly bufferBytes: number;
  readonly heartbeatMs: number;
}

/** 32 watchers are plenty for one appliance; 256 KiB holds about a thousand events. */
export const STREAM_LIMITS: StreamLimits = { streams: 32, bufferBytes: 256 * 1024, heartbeatMs: 15_000 };

/** How many past events are asked of the controller for a replay. */
const REPLAY_LIMIT = 1000;

export function createStreams(limits: StreamLimits = STREAM_LIMITS): Streams {
  let count = 0;
  return {
    get count() {
      return count;
    },
    open(request) {
      if (count >= limits.streams) {
        throw new HttpRefusal(503, 'BUSY', `All ${limits.streams} event streams are taken.`);
      }
      count++;
      return eventStream(request, limits, () => count--);
    },
  };
}

function eventStream(
  request: StreamRequest,
  limits: StreamLimits,
  onEnd: () => void,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const ended = new AbortController();
  const epoch = epochOf(request.controller);

  function start(stream: ReadableStreamDefaultController<Uint8Array>): void {
    const heartbeat = setInterval(() => send(':\n\n'), limits.heartbeatMs);
    ended.signal.addEventListener('abort', () => {
      clearInterval(heartbeat);
      onEnd();
    });
    function send(text: string): void {
      if (ended.signal.aborted) return;
      stream.enqueue(encoder.encode(text));
      if ((stream.desiredSize ?? 0) > 0) return;
      ended.abort();
      stream.close();
      request.onSlow();
    }
    request.signal.addEventListener('abort', () => ended.abort(), { once: true });
    if (request.signal.aborted) ended.abort();
    // Subscribing and replaying happen in one turn of the event loop: no event falls between them or comes twice.
    request.controller.subscribe((event) => send(frame(event, epoch)), ended.signal);
    send(`retry: 2000\n\n${replay(request, epoch)}`);
  }

  return new ReadableStream(
    { start, cancel: () => ended.abort() },
    new ByteLengthQueuingStrategy({ highWaterMark: limits.bufferBytes }),
  );
}

/** The past events to send first, after a `gap` event when some of them are no longer kept. */
function replay(request: StreamRequest, epoch: string): string {
  const last = parseId(request.lastEventId);
  if (!last) {
    return request.recent === 0 ? '' : frames(request.controller.recentEvents(request.recent), epoch);
  }
  const from = last.epoch === epoch ? last.seq : 0;
  const kept = request.controller.recentEvents(REPLAY_LIMIT).filter((event) => event.seq > from);
  const missed = (kept[0]?.seq ?? from + 1) - from - 1;
  const gap = missed > 0 ? `event: gap\ndata: ${JSON.stringify({ missed })}\n\n` : '';
  return gap + frames(kept, epoch);
}

function frames(events: readonly PoolgateEvent[], epoch: string): string {
  return events.map((event) => frame(event, epoch)).join('');
}

/** JSON has no raw line ends, so one data line is enough. */
function frame(event: PoolgateEvent, epoch: string): string {
  return `id: ${epoch}-${event.seq}\nevent: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`;
}

function parseId(id: string | null): { epoch: string; seq: number } | null {
  const match = /^([0-9a-z]{1,16})-(\d{1,15})$/.exec(id ?? '');
  return match?.[1] && match[2] ? { epoch: match[1], seq: Number(match[2]) } : null;
}

function epochOf(controller: Controller): string {
  return Date.parse(controller.status().startedAt).toString(36);
}
