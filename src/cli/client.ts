/** Asks the running daemon. Answers are checked, because anything may listen on the port. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { MORE_HEADER } from '../api/connection-query.ts';
import { problem as problemSchema } from '../api/views.ts';
import { ERRORS, type ErrorCode, PoolgateError } from '../lib/errors.ts';
import type { Io } from './io.ts';
import { isRoot, stateDir, TOKEN_FILE } from './state-dir.ts';

export const DEFAULT_URL = 'http://127.0.0.1:9080';

/** Longer than the daemon needs for any change; a daemon that takes longer hangs. */
const TIMEOUT_MS = 30_000;

export interface ClientOptions {
  readonly url?: string;
  readonly tokenFile?: string;
}

export interface Client {
  readonly url: string;
  get<T>(path: string, schema: z.ZodType<T>): Promise<T>;
  /** The same, and whether the daemon says that it left some out. */
  list<T>(path: string, schema: z.ZodType<T>): Promise<{ items: T; more: boolean }>;
  post<T>(path: string, body: Body, schema: z.ZodType<T>): Promise<T>;
  /** An answer that goes on; ends with the signal. */
  stream(path: string, headers: Record<string, string>, signal: AbortSignal): Promise<Response>;
}

export interface Body {
  readonly type: 'application/json' | 'application/yaml';
  readonly text: string;
}

/** The daemon said no; `findings` are those of a rejected config. */
export class RefusedError extends PoolgateError {
  readonly status: number;
  readonly findings: readonly unknown[] | null;

  constructor(
    code: ErrorCode,
    detail: string,
    hint: string,
    status: number,
    findings: readonly unknown[] | null,
  ) {
    super(code, detail, { hint });
    this.status = status;
    this.findings = findings;
  }
}

export function connectTo(options: ClientOptions, io: Io): Client {
  const url = options.url ?? (io.env['POOLGATE_URL'] || DEFAULT_URL);
  const base = url.replace(/\/+$/, '');
  const token = readToken(options, io);

  async function ask(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    if (token.secret) headers.set('authorization', `Bearer ${token.secret}`);
    try {
      // A redirect would carry the token elsewhere.
      return await fetch(base + path, { ...init, headers, redirect: 'error' });
    } catch (error) {
      throw unreachable(base, error);
    }
  }

  async function askFor<T>(path: string, init: RequestInit, schema: z.ZodType<T>): Promise<T> {
    return (await askWith(path, init, schema)).body;
  }

  async function askWith<T>(path: string, init: RequestInit, schema: z.ZodType<T>) {
    const response = await ask(path, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
    const body = await readJson(response, base);
    if (!response.ok) throw refusal(body, response.status, base, token);
    const parsed = schema.safeParse(body);
    if (!parsed.success) throw notPoolgate(base);
    // What was sent, not what the schema kept: a newer daemon's further fields are data too.
    return { body: body as T, headers: response.headers };
  }

  return {
    url: base,
    get: (path, schema) => askFor(path, {}, schema),
    async list(path, schema) {
      const { body, headers } = await askWith(path, {}, schema);
      return { items: body, more: headers.get(MORE_HEADER) === 'true' };
    },
    post: (path, body, schema) =>
      askFor(path, { method: 'POST', body: body.text, headers: { 'content-type': body.type } }, schema),
    async stream(path, headers, signal) {
      const response = await ask(path, { headers, signal });
      if (response.ok) return response;
      throw refusal(await readJson(response, base), response.status, base, token);
    },
  };
}

interface FoundToken {
  readonly secret: string | null;
  /** Why there is none. */
  readonly problem: string;
}

/** A token file that was named must be there; the one in the state directory may be missing until it is needed. */
function readToken(options: ClientOptions, io: Io): FoundToken {
  if (options.tokenFile !== undefined) {
    const found = readTokenFile(options.tokenFile);
    if (found.secret === null) throw new PoolgateError('UNAUTHORIZED', found.problem);
    return found;
  }
  if (io.env['POOLGATE_TOKEN']) return { secret: io.env['POOLGATE_TOKEN'].trim(), problem: '' };
  return readTokenFile(join(stateDir(io.env, isRoot()), TOKEN_FILE));
}

function readTokenFile(file: string): FoundToken {
  try {
    const secret = readFileSync(file, 'utf8').trim();
    if (/^[\x21-\x7e]{1,512}$/.test(secret)) return { secret, problem: '' };
    return { secret: null, problem: `${file} does not hold a token.` };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === 'ENOENT' ? 'there is no such file' : code === 'EACCES' ? 'permission denied' : String(code);
    return { secret: null, problem: `Cannot read the token from ${file}: ${why}.` };
  }
}

async function readJson(response: Response, base: string): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    throw notPoolgate(base);
  }
}

function refusal(body: unknown, status: number, base: string, token: FoundToken): PoolgateError {
  const parsed = problemSchema.safeParse(body);
  if (!parsed.success) return notPoolgate(base);
  const { code, detail, hint, findings } = parsed.data;
  const known = code in ERRORS ? (code as ErrorCode) : 'BAD_REQUEST';
  if (status === 401) {
    const why = token.secret === null ? `${detail} ${token.problem}` : detail;
    const advice =
      'Run this as the user that the daemon runs as, or name its <state>/admin-token by --token-file.';
    return new RefusedError(known, why, advice, status, null);
  }
  return new RefusedError(known, detail, hint, status, findings ?? null);
}

function notPoolgate(base: string): PoolgateError {
  return new PoolgateError('DAEMON_UNREACHABLE', `What answers at ${base} is not Poolgate.`);
}

function unreachable(base: string, error: unknown): PoolgateError {
  const cause = error instanceof Error ? error.cause : undefined;
  const { code = '', message = '' } = (cause ?? {}) as NodeJS.ErrnoException;
  const words: Record<string, string> = {
    ECONNREFUSED: 'nothing listens there',
    ENOTFOUND: 'the name is not known',
    ECONNRESET: 'the connection was reset',
    UND_ERR_SOCKET: 'the connection ended',
  };
  const timedOut = error instanceof Error && error.name === 'TimeoutError';
  const why = timedOut ? `no answer in ${TIMEOUT_MS / 1000} s` : (words[code] ?? (message || String(error)));
  return new PoolgateError('DAEMON_UNREACHABLE', `Cannot reach Poolgate at ${base}: ${why}.`, {
    cause: error,
  });
}
