/** The shape of one row of the route table: what OpenAPI, the reference page, the router and the tests read. */
import type { z } from 'zod';
import type { Scrape } from '../observe/metrics.ts';
import type { Controller } from '../state/contract.ts';
import type { Streams } from './event-stream.ts';
import type { Role } from './tokens.ts';

/** What handlers work with. They read views and change desired state; the data plane is not in their reach. */
export interface ApiServices {
  readonly controller: Controller;
  readonly metrics: () => Promise<Scrape>;
  readonly streams: Streams;
  /** The OpenAPI document as JSON. */
  readonly description: string;
}

export interface Call<Query, Body> {
  readonly services: ApiServices;
  /** Path parameters, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
  readonly request: Request;
  /** Ends the client's connection at once; does nothing where there is none (tests without a socket). */
  readonly hangUp: () => void;
}

export interface RequestBody<Body extends z.ZodType = z.ZodType> {
  /** The first is what documentation names; the others are accepted too. */
  readonly types: readonly [string, ...string[]];
  readonly schema: Body;
  readonly limitBytes: number;
}

export interface RouteSpec<Query extends z.ZodObject, Body extends z.ZodType> {
  readonly method: 'GET' | 'POST';
  /** With parameters as OpenAPI writes them: `/api/v1/servers/{pool}/{name}/admin`. */
  readonly path: string;
  readonly role: Role | 'public';
  readonly summary: string;
  readonly query?: Query;
  readonly body?: RequestBody<Body>;
  /** Request headers that the handler reads, besides Authorization. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly answer: { readonly type: string; readonly schema: z.ZodType; readonly doc: string };
  /** Statuses of problem+json that are particular to this route. */
  readonly refusals: Readonly<Record<number, string>>;
  /** Further statuses with a body of the answer's own type. */
  readonly otherAnswers?: Readonly<Record<number, string>>;
  /** A value is sent as JSON; a Response is sent as it is. */
  handle(call: Call<z.output<Query>, z.output<Body>>): unknown;
}

// oxlint-disable-next-line typescript/no-explicit-any -- a table of differently typed rows; `route` checks each one
export type Route = RouteSpec<any, any>;

/** Gives a row its types: the handler sees query and body as their schemas yield them. */
export function route<Query extends z.ZodObject, Body extends z.ZodType>(
  spec: RouteSpec<Query, Body>,
): Route {
  return spec;
}
