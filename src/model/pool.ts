/** A pool: real servers with one verdict each. */
import { z } from 'zod';
import { optional, required } from './field.ts';
import { healthCheck } from './health-check.ts';
import { SCHEMA_DEFAULTS } from './schema-defaults.ts';
import { drain, onDown } from './shared-sections.ts';
import { address, choice, fqdn, list, name, port, section, text, weight, whole, yesNo } from './types.ts';

export const realServer = section({
  name: required(name(), {
    title: 'Name',
    description: 'Unique in its pool; elsewhere the server is `POOL/NAME`.',
  }),
  fqdn: optional(fqdn(), { title: 'FQDN', description: 'For people and reports; it is not looked up.' }),
  address: required(address(), {
    title: 'Address',
    description: 'IPv4 or IPv6; it need not be of the same family as the VIP.',
  }),
  weight: optional(weight(), {
    title: 'Weight',
    description: 'Share of new connections, in proportion to the other servers; 0 is drain.',
    default: SCHEMA_DEFAULTS.weight,
  }),
  maxConnections: optional(whole(0, 10_000_000), {
    title: 'Limit of connections',
    description:
      'Connections that this server may hold at once, over all virtual services. At the limit the next server is chosen, ' +
      'then the fallback; else the connection is reset. 0: no limit.',
    unit: 'connections',
    default: SCHEMA_DEFAULTS.maxConnections,
  }),
  admin: optional(choice(['ready', 'drain', 'maint']), {
    title: 'Administrative state',
    description:
      '`ready`: normal. `drain`: no new connections, open ones go on. `maint`: as drain, and no health checks. A live ' +
      'change (`poolgate drain`, `ready`, `maint`) holds until this value in the file changes.',
    default: SCHEMA_DEFAULTS.admin,
  }),
});

const fallback = section({
  address: required(address(), {
    title: 'Address',
    description: 'Gets connections while no real server can.',
  }),
  port: optional(port(), {
    title: 'Port',
    description: 'Absent: the port that the client dialled, mapped as for the real servers.',
  }),
});

const options = z
  .record(z.string(), yesNo(), { error: "must be a map of the profile's options" })
  .refine((value) => Object.keys(value).length <= 32, { error: 'must have at most 32 options' });

export const pool = section({
  name: required(name(), { title: 'Name', description: 'Unique among the pools.' }),
  profile: optional(text('the name of a profile', 63), {
    title: 'Profile',
    description:
      'Supplies ports, health checks, scheduler and timeouts for what this pool serves; see the page of profiles.',
  }),
  options: optional(options, { title: 'Options', description: "The profile's own switches." }),
  fqdn: optional(fqdn(), { title: 'FQDN', description: 'The pool as clients name it; it is not looked up.' }),
  healthChecks: optional(list(healthCheck, 'health checks', 0, 32), {
    title: 'Health checks',
    description:
      'A server is up when all of them are. Absent: those of the profile; without a profile one `tcp` check on the ' +
      'server port of the first port of the first virtual service of this pool. An empty list: servers count as up ' +
      'without being asked.',
    inherits: 'the profile',
  }),
  onDown: onDown('override'),
  drain: optional(section(drain('override')), {
    title: 'Drain',
    description: 'How servers of this pool drain.',
  }),
  realServers: required(list(realServer, 'real servers', 0, 256), {
    title: 'Real servers',
    description: 'The servers that share the connections.',
  }),
  fallback: optional(fallback, {
    title: 'Fallback',
    description: 'Used while no real server can be; without one connections are refused then.',
  }),
});

export type PoolInput = z.infer<typeof pool>;
export type RealServerInput = z.infer<typeof realServer>;
