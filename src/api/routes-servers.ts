/** One server: what its checks saw, and changes of its administrative state and weight. */
import { z } from 'zod';
import { type Route, route } from './route.ts';
import * as views from './views.ts';

const adminBody = z.strictObject({ admin: views.adminState });
const weightBody = z.strictObject({ weight: views.weight });
const refusals = { 404: 'No such server' };
const answer = { type: 'application/json', schema: views.server, doc: 'The server after the change' };
const SMALL = 4 * 1024;

export const serverRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/servers/{pool}/{name}/checks',
    role: 'viewer',
    summary: 'The health checks of a server, each with its last hundred probes',
    answer: {
      type: 'application/json',
      schema: z.array(views.checkHistory),
      doc: 'The checks; none while the server is not checked, as in maint',
    },
    refusals,
    handle: ({ services, params }) => services.controller.checks(`${params['pool']}/${params['name']}`),
  }),
  route({
    method: 'POST',
    path: '/api/v1/servers/{pool}/{name}/admin',
    role: 'operator',
    summary: 'Set the administrative state of a server: drain, maint, ready',
    body: { types: ['application/json'], schema: adminBody, limitBytes: SMALL },
    answer,
    refusals,
    handle: ({ services, params, body }) =>
      services.controller.setAdmin(`${params['pool']}/${params['name']}`, body.admin, 'api'),
  }),
  route({
    method: 'POST',
    path: '/api/v1/servers/{pool}/{name}/weight',
    role: 'operator',
    summary: 'Set the weight of a server',
    body: { types: ['application/json'], schema: weightBody, limitBytes: SMALL },
    answer,
    refusals,
    handle: ({ services, params, body }) =>
      services.controller.setWeight(`${params['pool']}/${params['name']}`, body.weight, 'api'),
  }),
];
