/** The configs that ran, and going back to one of them. */
import { z } from 'zod';
import { type Route, route } from './route.ts';
import * as views from './views.ts';

const JSON_TYPE = 'application/json';
const number = z.int().positive().meta({ description: 'A number of /api/v1/history' });
const numberInPath = z.string().regex(/^[1-9]\d{0,14}$/);
const rollbackBody = z.strictObject({ number: number.exactOptional() }).meta({
  description: '`{}` goes back to the config before the one that runs',
});

export const historyRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/history',
    role: 'viewer',
    summary: 'The configs that ran: when, who made them run, what changed; the last hundred, oldest first',
    answer: { type: JSON_TYPE, schema: z.array(views.historyEntry), doc: 'The configs, without their texts' },
    refusals: {},
    handle: ({ services }) => services.controller.history(),
  }),
  route({
    method: 'GET',
    path: '/api/v1/history/{number}',
    role: 'viewer',
    summary: 'One config of the history: its text, and what has changed from it to the one that runs',
    answer: { type: JSON_TYPE, schema: views.historyConfig, doc: 'The config' },
    refusals: { 404: 'No such config' },
    handle: ({ services, params }) => {
      const given = numberInPath.safeParse(params['number']);
      // 0 is nobody's number: what is no number is not found either.
      return services.controller.historyConfig(given.success ? Number(given.data) : 0);
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/rollback',
    role: 'admin',
    summary: 'Write a config of the history to the config file and apply it, all or nothing',
    body: { types: ['application/json'], schema: rollbackBody, limitBytes: 4 * 1024 },
    answer: {
      type: JSON_TYPE,
      schema: z.array(views.planStep),
      doc: 'The changes; empty when there is none',
    },
    refusals: {
      404: 'No such config',
      409: 'The file changed on disk, a change needs a restart, or the machine cannot do it',
      422: 'This version takes that config no more; `findings` says why',
    },
    handle: ({ services, body }) => services.controller.rollback(body.number ?? null, 'api'),
  }),
];
