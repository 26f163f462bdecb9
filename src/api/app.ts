/** The admin API as one function from request to response; server.ts gives it a socket. */
import { Hono, type Context } from 'hono';
import type { Scrape } from '../observe/metrics.ts';
import type { Controller } from '../state/contract.ts';
import { type Streams, createStreams } from './event-stream.ts';
import { checkHost, checkOrigin, checkToken } from './guard.ts';
import { openApi } from './openapi.ts';
import { HttpRefusal, problemResponse, toProblem } from './problem.ts';
import { readBody, readQuery } from './request.ts';
import type { ApiServices, Route } from './route.ts';
import { ROUTES } from './routes.ts';
import type { Role, Tokens } from './tokens.ts';

/** The part of a pino logger that is used here. */
export interface ApiLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface ApiOptions {
  readonly controller: Controller;
  readonly tokens: Tokens;
  readonly metrics: () => Promise<Scrape>;
  readonly log: ApiLog;
  /** Names or addresses, besides loopback, by which clients reach this API. */
  readonly extraHosts?: readonly string[];
  readonly streams?: Streams;
}

export type Api = Hono<{ Bindings: Partial<NodeBindings>; Variables: { actor: string } }>;

/** What the Node adapter hands over with every request. */
interface NodeBindings {
  readonly outgoing: { destroy(): void };
}

type Ctx = Context<{ Bindings: Partial<NodeBindings>; Variables: { actor: string } }>;

export function createApi(options: ApiOptions): Api {
  const app: Api = new Hono();
  const services: ApiServices = {
    controller: options.controller,
    metrics: options.metrics,
    streams: options.streams ?? createStreams(),
    description: JSON.stringify(openApi(options.controller.status().version)),
  };

  app.use(async (c, next) => {
    checkHost(c.req.header('host') ?? null, options.extraHosts ?? []);
    checkOrigin(c.req.raw.headers);
    await next();
    secure(c.res.headers);
  });
  app.use('/api/*', async (c, next) => {
    checkToken(c.req.raw.headers, options.tokens, 'viewer');
    await next();
  });
  for (const spec of ROUTES) {
    app.on(spec.method, spec.path.replaceAll(/\{(\w+)\}/g, ':$1'), (c) => answer(c, spec, services, options));
  }
  app.notFound((c) => secured(problemResponse(unmatched(c.req.path))));
  app.onError((error, c) => {
    const problem = toProblem(error);
    if (problem.status >= 500 && problem.code !== 'BUSY') {
      options.log.error({ err: error, method: c.req.method, path: c.req.path }, 'admin request failed');
    }
    return secured(problemResponse(error));
  });
  return app;
}

async function answer(c: Ctx, spec: Route, services: ApiServices, options: ApiOptions): Promise<Response> {
  if (spec.role === 'public') return respond(c, spec, services);
  const actor = checkToken(c.req.raw.headers, options.tokens, spec.role satisfies Role);
  if (spec.role === 'viewer') return respond(c, spec, services);
  const audit = { actor: 'api', tokenName: actor, method: spec.method, path: c.req.path };
  try {
    const response = await respond(c, spec, services);
    options.log.info({ ...audit, status: response.status }, 'admin change');
    return response;
  } catch (error) {
    const { status, code } = toProblem(error);
    options.log.warn({ ...audit, status, code }, 'admin change refused');
    throw error;
  }
}

async function respond(c: Ctx, spec: Route, services: ApiServices): Promise<Response> {
  const result: unknown = await spec.handle({
    services,
    params: c.req.param(),
    query: readQuery(c.req.url, spec.query),
    body: await readBody(c.req.raw, spec.body),
    request: c.req.raw,
    hangUp: () => c.env?.outgoing?.destroy(),
  });
  return result instanceof Response ? result : Response.json(result);
}

/** 405 where the path exists for another method, else 404. */
function unmatched(path: string): HttpRefusal {
  const allow = ROUTES.filter((spec) => pattern(spec.path).test(path)).map((spec) => spec.method);
  if (allow.length === 0) return new HttpRefusal(404, 'NOT_FOUND', `There is nothing at ${path}.`);
  const headers = { allow: allow.join(', ') };
  return new HttpRefusal(405, 'BAD_REQUEST', `${path} takes ${headers.allow} only.`, { headers });
}

function pattern(path: string): RegExp {
  return new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`);
}

function secured(response: Response): Response {
  secure(response.headers);
  return response;
}

function secure(headers: Headers): void {
  headers.set('x-content-type-options', 'nosniff');
  headers.set('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
  if (!headers.has('cache-control')) headers.set('cache-control', 'no-store');
}
