/** Finds a text in the body of an HTTP answer, however the body is framed (RFC 9112 6 and 7.1). */
import { contentLength, type Head, valuesOf } from './message-head.ts';

export type Progress = 'more' | 'found' | 'absent' | 'too large' | 'malformed';

export interface BodySearch {
  take(bytes: Buffer): Progress;
  /** The server ended the connection. */
  end(): Progress;
}

/** So much of a body is looked through. */
export const LARGEST_BODY = 262_144;

/** And so much of what frames it: a byte of body may come with a kilobyte of extensions. */
const LARGEST_FRAMED = 2 * LARGEST_BODY;

/** A chunk's size, extensions and line end; trailers are not read. */
const LONGEST_CHUNK_LINE = 1024;

/** @param wanted not empty */
export function searchBody(head: Head, wanted: Buffer): BodySearch {
  const codings = valuesOf(head, 'transfer-encoding').join(',').toLowerCase();
  const find = finder(wanted);
  if (codings !== '') return /(^|,)\s*chunked\s*$/.test(codings) ? chunked(find) : plain(find, null);
  return plain(find, contentLength(head, 'content-length'));
}

/** Says `found` once the text is there, in one piece or across several; `too large` once enough was looked at. */
function finder(wanted: Buffer): (bytes: Buffer) => Progress {
  let tail = Buffer.alloc(0);
  let seen = 0;
  return (bytes) => {
    const window = Buffer.concat([tail, bytes.subarray(0, LARGEST_BODY - seen)]);
    seen += bytes.length;
    if (window.includes(wanted)) return 'found';
    if (seen >= LARGEST_BODY) return 'too large';
    tail = window.subarray(Math.max(0, window.length - wanted.length + 1));
    return 'more';
  };
}

/** @param length null: the body ends with the connection */
function plain(find: (bytes: Buffer) => Progress, length: number | null): BodySearch {
  let left = length ?? Number.POSITIVE_INFINITY;
  return {
    take(bytes) {
      if (Number.isNaN(left)) return 'malformed';
      const own = bytes.subarray(0, Math.min(left, bytes.length));
      left -= own.length;
      const progress = find(own);
      return progress === 'more' && left === 0 ? 'absent' : progress;
    },
    end: () => (left === Number.POSITIVE_INFINITY ? 'absent' : 'malformed'),
  };
}

function chunked(find: (bytes: Buffer) => Progress): BodySearch {
  let line = '';
  /** Bytes of the chunk still to come; then the line end that follows it. */
  let left = 0;
  let expectsLineEnd = false;
  let framed = 0;
  function takeLine(bytes: Buffer): { progress: Progress | 'line'; rest: Buffer } {
    const end = bytes.indexOf(10);
    line += bytes.toString('latin1', 0, end < 0 ? bytes.length : end);
    const rest = end < 0 ? Buffer.alloc(0) : bytes.subarray(end + 1);
    if (line.length > LONGEST_CHUNK_LINE) return { progress: 'malformed', rest };
    return { progress: end < 0 ? 'more' : 'line', rest };
  }
  function obeyLine(): Progress {
    const text = line.replace(/\r$/, '');
    line = '';
    if (expectsLineEnd) {
      expectsLineEnd = false;
      return text === '' ? 'more' : 'malformed';
    }
    const [, size] = /^([0-9a-f]{1,8})[ \t]*(?:;.*)?$/i.exec(text) ?? [];
    if (size === undefined) return 'malformed';
    left = Number.parseInt(size, 16);
    expectsLineEnd = true;
    return left === 0 ? 'absent' : 'more';
  }
  function take(bytes: Buffer): Progress {
    let rest = bytes;
    framed += bytes.length;
    if (framed > LARGEST_FRAMED) return 'too large';
    while (rest.length > 0) {
      if (left > 0) {
        const own = rest.subarray(0, Math.min(left, rest.length));
        left -= own.length;
        rest = rest.subarray(own.length);
        const progress = find(own);
        if (progress !== 'more') return progress;
        continue;
      }
      const taken = takeLine(rest);
      rest = taken.rest;
      const progress = taken.progress === 'line' ? obeyLine() : taken.progress;
      if (progress !== 'more') return progress;
    }
    return 'more';
  }
  return { take, end: () => 'malformed' };
}
