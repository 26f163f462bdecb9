import type { z } from 'zod';
import { optional, required } from './field.ts';
import { healthCheckPace } from './shared-sections.ts';
import { choice, fqdn, list, port, section, text, whole } from './types.ts';

export const healthCheck = section({
  type: required(choice(['tcp', 'tls', 'http', 'https', 'sip', 'stun']), {
    title: 'Type',
    description: '`tcp`: good when the server accepts a connection on the port.',
  }),
  port: required(port(), { title: 'Port', description: 'Port of the real server that is probed.' }),
  ...healthCheckPace('override'),
  serverName: optional(fqdn(), {
    title: 'Server name',
    description: '`tls`, `https`, `sip`: the name asked for in the handshake.',
  }),
  path: optional(text('a path', 1024), { title: 'Path', description: '`http`, `https`: what is requested.' }),
  expectStatus: optional(list(whole(100, 599), 'status codes', 1, 32), {
    title: 'Status codes',
    description: '`http`, `https`: the answers that count as good.',
  }),
});

export type HealthCheckInput = z.infer<typeof healthCheck>;
