/** The config: what runs, what a new one would change, and changing it. */
import { z } from 'zod';
import type { Controller } from '../state/contract.ts';
import { HttpRefusal } from './problem.ts';
import { type Route, route } from './route.ts';
import * as views from './views.ts';

const JSON_TYPE = 'application/json';
const yamlBody = {
  types: ['application/yaml', 'application/x-yaml', 'text/yaml', 'text/x-yaml', 'text/plain'],
  schema: z.string().meta({ description: 'A whole config file' }),
  limitBytes: 1024 * 1024,
} as const;
const steps = {
  type: JSON_TYPE,
  schema: z.array(views.planStep),
  doc: 'The changes; empty when there is none',
};
const rejected = { 422: 'The config is rejected; `findings` says where and why' };

export const configRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/config',
    role: 'viewer',
    summary: 'The running config as its file has it, with the hash that If-Match takes',
    answer: { type: JSON_TYPE, schema: views.configText, doc: 'Text and hash; the hash is also the ETag' },
    refusals: {},
    handle: ({ services }) => {
      const config = services.controller.configText();
      return Response.json(config, { headers: { etag: `"${config.hash}"` } });
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/config/effective',
    role: 'viewer',
    summary: 'Every value in effect, each with where it came from: file, profile, defaults or schema',
    answer: { type: JSON_TYPE, schema: z.array(views.effectiveValue), doc: 'The values' },
    refusals: {},
    handle: ({ services }) => services.controller.effective(),
  }),
  route({
    method: 'POST',
    path: '/api/v1/plan',
    role: 'viewer',
    summary: 'What applying this config would change, and which open connections that ends; changes nothing',
    body: yamlBody,
    answer: steps,
    refusals: rejected,
    handle: ({ services, body }) => services.controller.plan(body),
  }),
  route({
    method: 'POST',
    path: '/api/v1/apply',
    role: 'admin',
    summary: 'Write the config file and apply it, all or nothing',
    body: yamlBody,
    headers: { 'If-Match': 'The hash of the config that yours was made from; 412 when another one runs' },
    answer: steps,
    refusals: {
      ...rejected,
      409: 'The file changed on disk, or the machine cannot do it',
      412: 'Another config runs',
    },
    handle: ({ services, body, request }) => {
      requireMatch(request.headers.get('if-match'), services.controller);
      return services.controller.apply(body, 'api');
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/reload',
    role: 'admin',
    summary: 'Read the config file again, as SIGHUP does',
    answer: steps,
    refusals: { ...rejected, 409: 'The file cannot be read, or the machine cannot do it' },
    handle: ({ services }) => services.controller.reload('api'),
  }),
];

/** RFC 9110 section 13.1.1; a hash without quotes is taken too, because people type it. */
function requireMatch(ifMatch: string | null, controller: Controller): void {
  if (ifMatch === null || ifMatch.trim() === '*') return;
  const { hash } = controller.configText();
  const wanted = ifMatch.split(',').map((tag) => tag.trim().replaceAll('"', ''));
  if (wanted.includes(hash)) return;
  throw new HttpRefusal(412, 'CONFIG_CHANGED', 'Another config runs than the one that If-Match names.', {
    hint: 'Read /api/v1/config again, make your change on that text, and send its hash.',
  });
}
