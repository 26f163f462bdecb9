/** Reads an answer of HTTP/1 (RFC 9112) from a stream, and judges it by what a check wishes for. */
import type { HttpWishes } from '../model/effective.ts';
import { type BodySearch, LARGEST_BODY, type Progress, searchBody } from './http-body.ts';
import { type Head, type HeadFound, takeHead } from './message-head.ts';
import type { Listener } from './stream.ts';
import { bad, good, type Verdict } from './verdict.ts';

/** As Node.js, nginx and HAProxy bound theirs. */
const LARGEST_HEAD = 16_384;

/** Reads the answer piece by piece; the verdict comes as soon as it is certain. */
export function readAnswer(wishes: HttpWishes): Listener {
  let head: Buffer = Buffer.alloc(0);
  let received = 0;
  let status = '';
  let body: BodySearch | null = null;

  function takeHeads(): Verdict | null {
    for (;;) {
      const found = takeHead(head);
      if (found.state !== 'complete') return (head = restOf(found)), problemOf(found);
      const [, code, reason = ''] = STATUS_LINE.exec(found.head.first) ?? [];
      if (code === undefined) return NOT_HTTP;
      status = `${code} ${reason}`.trim();
      head = Buffer.from(found.rest);
      // 101 is an answer; the other 1xx go before one (RFC 9110 15.2).
      if (!code.startsWith('1') || code === '101') return answered(Number(code), found.head);
    }
  }

  function answered(code: number, of: Head): Verdict | null {
    if (!expected(wishes, code)) return bad('L7STS', `Server returned ${status}`);
    if (wishes.expectBody === null) return good('L7OK', status);
    body = searchBody(of, Buffer.from(wishes.expectBody));
    return judged(body.take(head));
  }

  const judged = (progress: Progress): Verdict | null =>
    progress === 'more' ? null : progress === 'found' ? good('L7OK', status) : bad('L7RSP', MISSED[progress]);

  return {
    heard(bytes) {
      if (body) return judged(body.take(bytes));
      received += bytes.length;
      head = Buffer.concat([head, bytes]);
      const verdict = takeHeads();
      const tooLarge = verdict === null && body === null && received > LARGEST_HEAD;
      return tooLarge ? bad('L7RSP', `More than ${LARGEST_HEAD / 1024} KiB of headers`) : verdict;
    },
    ended: () => (body && judged(body.end())) ?? bad('L7RSP', 'Connection closed before an answer'),
    late: () =>
      bad('L7TOUT', status === '' ? 'No answer in time' : `${status}, and no complete answer in time`),
  };
}

/** Any reason phrase, also none (RFC 9112 4). */
const STATUS_LINE = /^HTTP\/1\.[01] ([1-9]\d\d)(?: (.*))?$/;

const NOT_HTTP = bad('L7RSP', 'Not an answer of HTTP/1');

const MISSED = {
  absent: 'HTTP content check did not match',
  'too large': `HTTP content check did not match in ${LARGEST_BODY / 1024} KiB`,
  malformed: 'The body is cut off or malformed',
} as const;

function restOf(found: HeadFound): Buffer {
  return found.state === 'malformed' ? Buffer.alloc(0) : Buffer.from(found.rest);
}

/** What cannot become an answer any more need not be waited for. */
function problemOf(found: HeadFound): Verdict | null {
  if (found.state === 'malformed') return bad('L7RSP', 'Malformed headers');
  if (found.state !== 'more') return null;
  const begins = found.rest.toString('latin1', 0, 5);
  const wrong = found.first === null ? !'HTTP/'.startsWith(begins) : !STATUS_LINE.test(found.first);
  return wrong ? NOT_HTTP : null;
}

/** As HAProxy's httpchk: 2xx and 3xx, unless the check names its own. */
function expected({ expectStatus }: HttpWishes, code: number): boolean {
  return expectStatus ? expectStatus.includes(code) : code >= 200 && code <= 399;
}
