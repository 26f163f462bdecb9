/** OpenAPI 3.1 from the route table and the schemas of its bodies and views. */
import { z } from 'zod';
import type { Route } from './route.ts';
import { ROUTES } from './routes.ts';
import * as views from './views.ts';

type Json = Record<string, unknown>;

const COMMON_REFUSALS: Readonly<Record<number, string>> = {
  400: 'The request is malformed',
  401: 'No token, or not a valid one',
  403: 'The token’s role does not allow it, or the request comes from another web site',
  421: 'The Host header does not name this balancer',
};

/** @param version of the program */
export function openApi(version: string): Json {
  const paths: Record<string, Json> = {};
  for (const route of ROUTES) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Poolgate admin API',
      version,
      description: 'Errors are problem+json (RFC 9457) with a code and a hint.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'From <state>/admin-token' } },
      schemas: componentSchemas(),
    },
  };
}

function operation(route: Route): Json {
  const refusals = route.role === 'public' ? route.refusals : { ...COMMON_REFUSALS, ...route.refusals };
  const { type, schema, doc } = route.answer;
  return {
    operationId: operationId(route),
    summary: route.summary,
    ...(route.role === 'public' ? { security: [] } : { 'x-role': route.role }),
    parameters: [...pathParameters(route), ...queryParameters(route), ...headerParameters(route)],
    ...(route.body ? { requestBody: requestBody(route.body) } : {}),
    responses: {
      ...describeAll({ 200: doc, ...route.otherAnswers }, type, reference(schema)),
      ...describeAll(refusals, 'application/problem+json', reference(views.problem)),
    },
  };
}

function operationId(route: Route): string {
  const words = route.path.replace('/api/v1', '').split(/[^a-z]+/i);
  const name = words.filter((word) => word !== '' && word !== 'pool' && word !== 'name');
  return [route.method.toLowerCase(), ...name].map((word, at) => (at === 0 ? word : capital(word))).join('');
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function describeAll(statuses: Readonly<Record<number, string>>, type: string, schema: Json): Json {
  const responses = Object.entries(statuses).map(([status, description]) => [
    status,
    { description, content: { [type]: { schema } } },
  ]);
  return Object.fromEntries(responses);
}

function requestBody(body: NonNullable<Route['body']>): Json {
  const schema = reference(body.schema);
  return { required: true, content: { [body.types[0]]: { schema } } };
}

function pathParameters(route: Route): Json[] {
  const names = [...route.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
  return names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
}

function queryParameters(route: Route): Json[] {
  if (!route.query) return [];
  const { properties = {} } = z.toJSONSchema(route.query, { io: 'input' });
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', required: false, schema }));
}

function headerParameters(route: Route): Json[] {
  return Object.entries(route.headers ?? {}).map(([name, description]) => ({
    name,
    in: 'header',
    required: false,
    description,
    schema: { type: 'string' },
  }));
}

/** A schema with its named parts as references to the components. */
function reference(schema: z.ZodType): Json {
  const { $schema: _, $defs: __, id: ___, ...json } = z.toJSONSchema(schema, { io: 'input' }) as Json;
  const name = z.globalRegistry.get(schema)?.id;
  return name ? { $ref: `#/components/schemas/${name}` } : (toComponents(json) as Json);
}

/** Sorted, because the order in which a module names its exports depends on who loads it. */
function componentSchemas(): Json {
  const all: Json = {};
  for (const schema of Object.values(views)) {
    if (!(schema instanceof z.ZodType) || z.globalRegistry.get(schema)?.id === undefined) continue;
    // A schema with an id stands among its own $defs; the rest of the result is a reference to it.
    const { $defs = {} } = z.toJSONSchema(schema, { io: 'input' }) as { $defs?: Json };
    for (const [part, definition] of Object.entries($defs)) {
      const { id: _, ...rest } = definition as Json;
      all[part] = toComponents(rest);
    }
  }
  return Object.fromEntries(Object.entries(all).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function toComponents(json: unknown): unknown {
  return JSON.parse(JSON.stringify(json).replaceAll('#/$defs/', '#/components/schemas/'));
}
