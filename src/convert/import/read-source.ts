/** The file that is imported: bounded, and in whatever way it is encoded. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { PoolgateError } from '../../lib/errors.ts';

/** Far more than people write: thousands of servers. */
export const MAX_SOURCE_BYTES = 1_048_576;

/**
 * @param path `-` is stdin
 * @throws PoolgateError CONFIG_UNREADABLE: it is not there, not a file, or too large
 */
export async function readSource(path: string, stdin: Readable = process.stdin): Promise<string> {
  const bytes = path === '-' ? await readStream(stdin) : readFile(path);
  if (bytes.length <= MAX_SOURCE_BYTES) return decode(bytes);
  throw new PoolgateError('CONFIG_UNREADABLE', `${path} is larger than 1 MiB.`, {
    hint: 'Import it in parts: each with its defaults and some of the sections.',
  });
}

/** Old files have umlauts of ISO 8859-1 in their comments; line ends of Windows are as good as others. */
export function decode(bytes: Buffer): string {
  const text = isUtf8(bytes) ? bytes.toString('utf8') : bytes.toString('latin1');
  return text.replace(/^\uFEFF/, '').replaceAll(/\r\n?/g, '\n');
}

function isUtf8(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

async function readStream(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk as Uint8Array | string);
    chunks.push(bytes);
    size += bytes.length;
    if (size > MAX_SOURCE_BYTES) break;
  }
  return Buffer.concat(chunks);
}

/** No devices and pipes, which may never end. */
function readFile(path: string): Buffer {
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!fstatSync(fd).isFile())
      throw new PoolgateError('CONFIG_UNREADABLE', `${path} is not a regular file.`, {
        hint: 'Name a file, or write - and send it to stdin.',
      });
    const buffer = Buffer.alloc(MAX_SOURCE_BYTES + 1);
    let size = 0;
    for (let got = -1; got !== 0 && size < buffer.length; size += got) {
      got = readSync(fd, buffer, size, buffer.length - size, null);
    }
    return buffer.subarray(0, size);
  } catch (error) {
    if (error instanceof PoolgateError) throw error;
    const { message } = error as Error;
    throw new PoolgateError('CONFIG_UNREADABLE', `Cannot read ${path}: ${message}.`, { cause: error });
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
