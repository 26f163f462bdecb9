import type { z } from 'zod';
import { optional, required } from './field.ts';
import { healthCheckPace } from './shared-sections.ts';
import { absolutePath, choice, fqdn, list, port, requestPath, section, text, whole, yesNo } from './types.ts';

export const CHECK_TYPES = ['tcp', 'tls', 'http', 'https', 'sip', 'stun'] as const;

export const healthCheck = section({
  type: required(choice(CHECK_TYPES), {
    title: 'Type',
    description:
      'What is good: `tcp`: the server accepts a connection on the port; `tls`: and completes a handshake; `http`, ' +
      '`https`: and answers a GET; `sip`: and answers OPTIONS; `stun`: it answers a Binding request over UDP.',
  }),
  port: required(port(), { title: 'Port', description: 'Port of the real server that is probed.' }),
  ...healthCheckPace('override'),
  transport: optional(choice(['tcp', 'tls']), {
    title: 'Transport',
    description: '`sip`: over what OPTIONS is sent. When absent: `tls` on port 5061, else `tcp`.',
  }),
  serverName: optional(fqdn(), {
    title: 'Server name',
    description:
      '`tls`, `https`, `sip` over TLS: the name asked for in the handshake (SNI), and with `verify` the one that the ' +
      'certificate must have.',
    inherits: "the pool's `fqdn`",
  }),
  verify: optional(yesNo(), {
    title: 'Verify the certificate',
    description:
      '`tls`, `https`, `sip` over TLS: whether the certificate must be trusted, valid now and of the server name. Off, ' +
      'because pools use authorities of their own, which this machine need not know.',
    default: false,
  }),
  caFile: optional(absolutePath(), {
    title: 'Trusted authorities',
    description:
      'With `verify`: file of the certificates that are trusted, in PEM; otherwise those of the system are.',
  }),
  minDaysLeft: optional(whole(1, 3650, 'days'), {
    title: 'Days left',
    description:
      '`tls`, `https`, `sip` over TLS: the check fails when the certificate is valid for fewer days than this, also ' +
      'without `verify`.',
    unit: 'days',
  }),
  path: optional(requestPath(), {
    title: 'Path',
    description: '`http`, `https`: what is requested.',
    default: '/',
  }),
  host: optional(fqdn(), {
    title: 'Host',
    description: '`http`, `https`: the name in the Host header; at last the address of the server.',
    inherits: "`serverName`, then the pool's `fqdn`",
  }),
  expectStatus: optional(list(whole(100, 699), 'status codes', 1, 32), {
    title: 'Status codes',
    description:
      'The answers that count as good. When absent: for `http`, `https` 200 to 399; for `sip` every final one, 200 to 699.',
  }),
  expectBody: optional(text('a text', 1024), {
    title: 'Text of the body',
    description:
      '`http`, `https`: text that must be in the first 256 KiB of the answer, upper and lower case as written.',
  }),
});

export type HealthCheckInput = z.infer<typeof healthCheck>;
