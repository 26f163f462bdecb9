/** Open connections: which there are, and ending some of them. */
import { z } from 'zod';
import { connectionParts, filterOf, MORE_HEADER } from './connection-query.ts';
import { HttpRefusal } from './problem.ts';
import { type Route, route } from './route.ts';
import * as views from './views.ts';

const JSON_TYPE = 'application/json';

const listQuery = z.strictObject({
  ...connectionParts,
  limit: z.coerce.number().int().min(1).max(100_000).default(1000),
});
const resetBody = z.strictObject({
  ...connectionParts,
  all: z.literal(true).exactOptional().meta({ description: 'Every connection; no other part beside it' }),
});

export const connectionRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/connections',
    role: 'viewer',
    summary: 'Open connections that match all that is given, newest last',
    query: listQuery,
    answer: {
      type: JSON_TYPE,
      schema: z.array(views.connection),
      doc: `The connections that match; the header \`${MORE_HEADER}: true\` says that \`limit\` left some out`,
    },
    refusals: {},
    handle: async ({ services, query }) => {
      const { limit, ...parts } = query;
      const found = await services.controller.connections({ ...filterOf(parts), limit: limit + 1 });
      const more = String(found.length > limit);
      return Response.json(found.slice(0, limit), { headers: { [MORE_HEADER]: more } });
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/connections/reset',
    role: 'operator',
    summary: 'Reset both ends of the connections that match all that is given, without a limit',
    body: { types: ['application/json'], schema: resetBody, limitBytes: 4 * 1024 },
    answer: { type: JSON_TYPE, schema: views.resetCount, doc: 'How many were reset' },
    refusals: {},
    handle: async ({ services, body }) => {
      const { all, ...parts } = body;
      requireOne(Object.keys(parts).length, all === true);
      return { reset: await services.controller.resetConnections(filterOf(parts), 'api') };
    },
  }),
];

/** A filter that somebody forgot must not end every connection. @throws HttpRefusal 400 */
function requireOne(parts: number, all: boolean): void {
  if (parts > 0 !== all) return;
  const wrong = all ? '`all` takes no other part beside it.' : 'Nothing says which connections are meant.';
  throw new HttpRefusal(400, 'BAD_REQUEST', wrong, {
    hint: 'Give at least one part of a filter, such as {"client":"192.0.2.7"}, or {"all":true} alone.',
  });
}
