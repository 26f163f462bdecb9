/** Turns what a client sent into what a route takes, or refuses it with 4xx. */
import type { z } from 'zod';
import { HttpRefusal } from './problem.ts';
import type { RequestBody } from './route.ts';

/** @throws HttpRefusal 400 */
export function readQuery(url: string, schema: z.ZodObject | undefined): unknown {
  const given = [...new URL(url).searchParams];
  // An object without prototype: `?__proto__=x` is then a key like any other, and refused as unknown.
  const query: Record<string, string> = Object.create(null);
  for (const [name, value] of given) query[name] = value;
  if (!schema) {
    if (given.length > 0)
      throw new HttpRefusal(400, 'BAD_REQUEST', 'This request takes no query parameters.');
    return {};
  }
  return accept(schema, { ...query }, 'query');
}

/** @throws HttpRefusal 400, 413, 415 */
export async function readBody(request: Request, body: RequestBody | undefined): Promise<unknown> {
  if (!body) return undefined;
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (!body.types.includes(type)) {
    const hint = `Send it with "Content-Type: ${body.types[0]}".`;
    throw new HttpRefusal(415, 'BAD_REQUEST', `The body must be ${body.types[0]}.`, { hint });
  }
  const text = decode(await readLimited(request, body.limitBytes));
  return accept(body.schema, type === 'application/json' ? parseJson(text) : text, 'body');
}

async function readLimited(request: Request, limit: number): Promise<Uint8Array> {
  const tooLarge = new HttpRefusal(413, 'BAD_REQUEST', `The body is larger than ${limit} bytes.`, {
    hint: 'A config of a real pool has a few kilobytes.',
    headers: { connection: 'close' },
  });
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw tooLarge;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > limit) throw tooLarge;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new HttpRefusal(400, 'BAD_REQUEST', 'The body is not valid UTF-8.');
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new HttpRefusal(400, 'BAD_REQUEST', 'The body is not valid JSON.');
  }
}

function accept(schema: z.ZodType, value: unknown, where: 'query' | 'body'): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const wrong = result.error.issues.map((issue) => {
    const place = issue.path.map(String).join('.');
    return place ? `${place}: ${issue.message}` : issue.message;
  });
  throw new HttpRefusal(400, 'BAD_REQUEST', `The ${where} is not right: ${wrong.join('; ')}.`);
}
