/** Reads SIP messages from a stream until the final answer to one request is among them. */
import { contentLength, type Head, takeHead, valuesOf } from './message-head.ts';
import type { Listener } from './stream.ts';
import { bad, good, type Verdict } from './verdict.ts';

/** What an answer must repeat (RFC 3261 8.2.6.2, 17.1.3). */
export interface Transaction {
  readonly branch: string;
  readonly callId: string;
  readonly cseq: number;
}

/** Of all messages until the final answer; an answer to OPTIONS with SDP is a few KiB. */
const LARGEST = 65_536;

/** Of one message. Each piece that comes has it looked through anew, and pieces may be single bytes. */
const LARGEST_HEAD = 16_384;

/** RFC 3261 7.2; the reason may be empty. */
const STATUS_LINE = /^SIP\/2\.0 ([1-6]\d\d)(?: (.*))?$/i;
/** RFC 3261 7.1. Servers may send requests of their own on a connection. */
const REQUEST_LINE = /^[A-Za-z0-9.!%*_+`'~-]+ \S+ SIP\/2\.0$/i;

const NOT_SIP = bad('L7RSP', 'Not an answer of SIP/2.0');

/** @param expected status codes that are good; null: every final one */
export function readSip(own: Transaction, expected: readonly number[] | null): Listener {
  let buffer = Buffer.alloc(0);
  let received = 0;
  /** Bytes of a body that is not ours to read. */
  let skip = 0;
  let provisional = '';
  let strange = false;

  /** One message that is complete up to its body; null: go on with the next. */
  function message(head: Head): Verdict | null {
    const [, code, reason = ''] = STATUS_LINE.exec(head.first) ?? [];
    if (code === undefined && !REQUEST_LINE.test(head.first)) return NOT_SIP;
    const length = contentLength(head, 'content-length', 'l') ?? 0;
    if (Number.isNaN(length)) return bad('L7RSP', 'Malformed Content-Length');
    skip = length;
    if (code === undefined) return null;
    if (!answers(head, own)) return (strange = true), null;
    const status = `${code} ${reason}`.trim();
    if (code.startsWith('1')) return (provisional = status), null;
    return !expected || expected.includes(Number(code))
      ? good('L7OK', status)
      : bad('L7STS', `Server returned ${status}`);
  }

  function takeMessages(): Verdict | null {
    for (;;) {
      const body = Math.min(skip, buffer.length);
      skip -= body;
      const found = takeHead(buffer.subarray(body));
      if (found.state === 'malformed') return bad('L7RSP', 'Malformed headers');
      buffer = Buffer.from(found.rest);
      if (found.state === 'more') return found.first === null || isSip(found.first) ? null : NOT_SIP;
      const verdict = message(found.head);
      if (verdict) return verdict;
    }
  }

  return {
    heard(bytes) {
      received += bytes.length;
      if (skip >= bytes.length && buffer.length === 0) {
        skip -= bytes.length;
      } else {
        buffer = Buffer.concat([buffer, bytes]);
        const verdict = takeMessages();
        if (verdict) return verdict;
      }
      if (buffer.length > LARGEST_HEAD)
        return bad('L7RSP', `More than ${LARGEST_HEAD / 1024} KiB of headers`);
      return received > LARGEST ? bad('L7RSP', `No answer in ${LARGEST / 1024} KiB`) : null;
    },
    ended: () => bad('L7RSP', 'Connection closed before a final answer'),
    late() {
      if (provisional !== '') return bad('L7TOUT', `${provisional}, and no final answer in time`);
      return strange ? bad('L7RSP', 'Only answers to other requests') : bad('L7TOUT', 'No answer in time');
    },
  };
}

function isSip(first: string): boolean {
  return STATUS_LINE.test(first) || REQUEST_LINE.test(first);
}

/** Whether an answer belongs to this request. One with two Via was meant for somebody else (RFC 3261 8.1.3.3). */
function answers(head: Head, own: Transaction): boolean {
  const vias = valuesOf(head, 'via', 'v');
  const [via = ''] = vias;
  const callIds = new Set(valuesOf(head, 'call-id', 'i'));
  const [cseq = '', ...moreCseq] = valuesOf(head, 'cseq');
  const [, number, method] = /^(\d{1,10})[ \t]+(\S+)$/.exec(cseq) ?? [];
  return (
    vias.length === 1 &&
    branchOf(via) === own.branch &&
    callIds.size === 1 &&
    callIds.has(own.callId) &&
    moreCseq.length === 0 &&
    Number(number) === own.cseq &&
    method === 'OPTIONS'
  );
}

/** Ours with what servers add to it; looking for quotes in more could take long. */
const LONGEST_VIA = 1024;

/** Null when there is none, or more than one Via in the line. */
function branchOf(via: string): string | null {
  if (via.length > LONGEST_VIA) return null;
  // Commas separate several values; they stand inside one only in quotes.
  const unquoted = via.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
  if (unquoted.includes(',')) return null;
  const branches = unquoted
    .split(';')
    .slice(1)
    .map((parameter) => /^[ \t]*branch[ \t]*=[ \t]*(\S+)[ \t]*$/i.exec(parameter)?.[1])
    .filter((value) => value !== undefined);
  return branches.length === 1 ? (branches[0] ?? null) : null;
}
