/** What is going on: status, servers, services, connections, events, metrics, and the description of the API. */
import { z } from 'zod';
import type { Controller } from '../state/contract.ts';
import { HttpRefusal } from './problem.ts';
import { type Call, type Route, route } from './route.ts';
import * as views from './views.ts';

const JSON_TYPE = 'application/json';

const poolFilter = z.strictObject({ pool: z.string().exactOptional() });
const eventsQuery = z.strictObject({
  recent: z.coerce
    .number()
    .int()
    .min(0)
    .max(1000)
    .default(0)
    .meta({ description: 'Past events to send first' }),
});
const recentQuery = z.strictObject({ limit: z.coerce.number().int().min(1).max(1000).default(100) });
export const viewRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/healthz',
    role: 'public',
    summary: 'Ready to serve: every server has its first verdict and every port serves or refuses',
    answer: { type: JSON_TYPE, schema: views.health, doc: 'Ready' },
    refusals: {},
    otherAnswers: { 503: 'Not ready' },
    handle: ({ services }) => healthz(services.controller),
  }),
  route({
    method: 'GET',
    path: '/metrics',
    role: 'viewer',
    summary: 'Metrics for Prometheus',
    answer: { type: 'text/plain', schema: z.string(), doc: 'Text exposition format 0.0.4' },
    refusals: {},
    handle: async ({ services }) => {
      const { contentType, body } = await services.metrics();
      return new Response(body, { headers: { 'content-type': contentType } });
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/status',
    role: 'viewer',
    summary: 'The balancer, its virtual services and pools in short',
    answer: { type: JSON_TYPE, schema: views.status, doc: 'The status' },
    refusals: {},
    handle: ({ services }) => services.controller.status(),
  }),
  route({
    method: 'GET',
    path: '/api/v1/servers',
    role: 'viewer',
    summary: 'Every real server: administrative state, health, checks and counters',
    query: poolFilter,
    answer: {
      type: JSON_TYPE,
      schema: z.array(views.server),
      doc: 'The servers, in the order of the config',
    },
    refusals: {},
    handle: ({ services, query }) => ofPool(services.controller.servers(), query.pool),
  }),
  route({
    method: 'GET',
    path: '/api/v1/services',
    role: 'viewer',
    summary: 'Every virtual service: state and counters',
    query: poolFilter,
    answer: {
      type: JSON_TYPE,
      schema: z.array(views.service),
      doc: 'The services, in the order of the config',
    },
    refusals: {},
    handle: ({ services, query }) => ofPool(services.controller.status().services, query.pool),
  }),
  route({
    method: 'GET',
    path: '/api/v1/sources',
    role: 'viewer',
    summary: 'Every source address of the SNAT pools: ports used and free',
    answer: {
      type: JSON_TYPE,
      schema: z.array(views.source),
      doc: 'The addresses, in the order of the config',
    },
    refusals: {},
    handle: ({ services }) => services.controller.sources(),
  }),
  route({
    method: 'GET',
    path: '/api/v1/events',
    role: 'viewer',
    summary: 'Events as they happen, as server-sent events; a comment every 15 s keeps the connection alive',
    query: eventsQuery,
    headers: {
      'Last-Event-ID': 'Sends what came after this event first; a `gap` event says how many are lost',
    },
    answer: {
      type: 'text/event-stream',
      schema: views.event,
      doc: '`data` of every event is one Event as JSON',
    },
    refusals: { 503: 'All event streams are taken' },
    handle: streamEvents,
  }),
  route({
    method: 'GET',
    path: '/api/v1/events/recent',
    role: 'viewer',
    summary: 'The latest events, oldest first',
    query: recentQuery,
    answer: { type: JSON_TYPE, schema: z.array(views.event), doc: 'The events' },
    refusals: {},
    handle: ({ services, query }) => services.controller.recentEvents(query.limit),
  }),
  route({
    method: 'GET',
    path: '/api/v1/openapi.json',
    role: 'viewer',
    summary: 'This API as OpenAPI 3.1',
    answer: { type: JSON_TYPE, schema: z.looseObject({}), doc: 'The document' },
    refusals: {},
    handle: ({ services }) => new Response(services.description, { headers: { 'content-type': JSON_TYPE } }),
  }),
];

function ofPool<T extends { readonly pool: string }>(
  items: readonly T[],
  pool: string | undefined,
): readonly T[] {
  return pool === undefined ? items : items.filter((item) => item.pool === pool);
}

function healthz(controller: Controller): Response {
  const { ready } = controller.status();
  return Response.json({ ready }, { status: ready ? 200 : 503 });
}

function streamEvents(call: Call<{ recent: number }, unknown>): Response {
  // A HEAD request has no body that somebody would read or cancel: its stream would stay open for ever.
  if (call.request.method !== 'GET') {
    throw new HttpRefusal(405, 'BAD_REQUEST', 'Only GET makes an event stream.', {
      headers: { allow: 'GET' },
    });
  }
  const stream = call.services.streams.open({
    controller: call.services.controller,
    lastEventId: call.request.headers.get('last-event-id'),
    recent: call.query.recent,
    signal: call.request.signal,
    onSlow: call.hangUp,
  });
  return new Response(stream, {
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' },
  });
}
