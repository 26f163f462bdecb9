/** Every refusal of the admin API as RFC 9457 problem+json, with the code and hint of the error table. */
import { STATUS_CODES } from 'node:http';
import { ERRORS, PoolgateError, type ErrorCode } from '../lib/errors.ts';

export interface Problem {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly hint: string;
  /** What is wrong with a config, each with its place; only for rejected configs. */
  readonly findings?: readonly unknown[];
}

/** Codes whose status is not 409 (the request is well formed, but the state of the machine or config forbids it). */
const STATUS: Partial<Record<ErrorCode, number>> = {
  CONFIG_SYNTAX: 422,
  CONFIG_INVALID: 422,
  NOT_AVAILABLE: 422,
  UNKNOWN_SERVER: 404,
  UNKNOWN_CONFIG: 404,
  UNKNOWN_CONNECTION: 404,
  NOT_FOUND: 404,
  BAD_REQUEST: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  BUSY: 503,
  STARTING: 503,
  SYSTEM: 500,
  INTERNAL: 500,
};

/** A refusal that HTTP has its own status for (405, 412, 413, 415, 421 …). */
export class HttpRefusal extends PoolgateError {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: ErrorCode,
    message: string,
    options: { hint?: string; headers?: Record<string, string> } = {},
  ) {
    super(code, message, options);
    this.status = status;
    this.headers = options.headers ?? {};
  }
}

/** What a client may know of an error: the words of our own errors; nothing of a defect but that it is one. */
export function toProblem(error: unknown): Problem {
  if (!(error instanceof PoolgateError)) {
    return describe(
      500,
      'INTERNAL',
      'The request met a defect; the log has the details.',
      ERRORS.INTERNAL.hint,
    );
  }
  const status = error instanceof HttpRefusal ? error.status : (STATUS[error.code] ?? 409);
  const problem = describe(status, error.code, error.message, error.hint);
  const findings = findingsOf(error);
  return findings ? { ...problem, findings } : problem;
}

/** Answers with the problem; 401 says how to authenticate, as RFC 9110 section 11.6.1 demands. */
export function problemResponse(error: unknown): Response {
  const problem = toProblem(error);
  const headers = new Headers({ 'content-type': 'application/problem+json' });
  if (problem.status === 401) headers.set('www-authenticate', 'Bearer realm="poolgate"');
  if (problem.status === 503) headers.set('retry-after', '5');
  if (error instanceof HttpRefusal) {
    for (const [name, value] of Object.entries(error.headers)) headers.set(name, value);
  }
  return new Response(JSON.stringify(problem), { status: problem.status, headers });
}

function describe(status: number, code: ErrorCode, detail: string, hint: string): Problem {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, code, detail, hint };
}

function findingsOf(error: PoolgateError): readonly unknown[] | null {
  return 'findings' in error && Array.isArray(error.findings) ? error.findings : null;
}
