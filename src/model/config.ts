/** The whole config file. Everything else about keys (types, checks, JSON Schema, reference page) is made from this. */
import { z } from 'zod';
import { optional, required } from './field.ts';
import { parseListen } from './listen.ts';
import { pool } from './pool.ts';
import { SCHEMA_DEFAULTS } from './schema-defaults.ts';
import { drain, healthCheckPace, onDown, scheduler, timeouts } from './shared-sections.ts';
import { topology } from './topology.ts';
import { choice, duration, list, section, yesNo } from './types.ts';
import { virtualService } from './virtual-service.ts';

/** Bytes of UTF-8 that a config file may have: thousands of servers, and at its worst read within a second. */
export const MAX_CONFIG_BYTES = 262_144;

const listenError = 'must be an IP address and a port, such as 127.0.0.1:9080 or [::1]:9080';

const admin = section({
  listen: optional(
    z.string({ error: listenError }).refine((v) => parseListen(v) !== null, { error: listenError }),
    {
      title: 'Address of the admin API',
      description: 'Address and port of the admin API and of `/metrics`; port 0 lets the system choose one.',
      default: SCHEMA_DEFAULTS.adminListen,
      applies: 'restart',
    },
  ),
});

const defaults = section({
  healthCheck: optional(section(healthCheckPace('defaults')), {
    title: 'Health checks',
    description: 'For checks that do not say otherwise.',
  }),
  timeouts: optional(section(timeouts('defaults')), {
    title: 'Timeouts',
    description: 'For virtual services that do not say otherwise.',
  }),
  drain: optional(section(drain('defaults')), {
    title: 'Drain',
    description: 'For pools that do not say otherwise.',
  }),
  scheduler: scheduler('defaults'),
  redispatch: optional(yesNo(), {
    title: 'Redispatch',
    description:
      'Whether a connection whose server refuses or does not answer is tried once on another server.',
    default: SCHEMA_DEFAULTS.redispatch,
  }),
  onDown: onDown('defaults'),
});

export const configSchema = section({
  version: required(z.literal(1, { error: 'must be 1' }), {
    title: 'Version',
    description: 'Of the format of this file: `1`.',
  }),
  dataPlane: optional(choice(['auto', 'proxy', 'kernel']), {
    title: 'Data plane',
    description:
      'What moves the bytes: `proxy` (in this process) or `kernel` (eBPF and nftables; as root). `auto`: kernel where this ' +
      'machine can run it and an interface is given, else proxy; the log and `poolgate status` say why.',
    default: SCHEMA_DEFAULTS.dataPlane,
    applies: 'restart',
  }),
  admin: optional(admin, { title: 'Administration', description: 'The admin API.' }),
  shutdownTimeout: optional(duration('0s', '24h'), {
    title: 'Shutdown timeout',
    description: 'At the end (SIGTERM) connections have so long to finish before they are reset.',
    unit: 'duration',
    default: SCHEMA_DEFAULTS.shutdownTimeout,
  }),
  topology: optional(topology, {
    title: 'Topology',
    description: 'Where the balancer stands in the network.',
    applies: 'restart',
  }),
  defaults: optional(defaults, {
    title: 'Defaults',
    description: 'What holds where neither the pool, nor the virtual service, nor a profile says otherwise.',
  }),
  pools: required(list(pool, 'pools', 0, 256), { title: 'Pools', description: 'The servers, pool by pool.' }),
  virtualServices: required(list(virtualService, 'virtual services', 0, 256), {
    title: 'Virtual services',
    description: 'What clients connect to.',
  }),
});

/** The file as it is written: what is absent there is absent here. */
export type ConfigInput = z.infer<typeof configSchema>;
