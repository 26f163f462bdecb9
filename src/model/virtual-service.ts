/** A virtual service: what clients connect to. */
import { z } from 'zod';
import { optional, required } from './field.ts';
import { SCHEMA_DEFAULTS } from './schema-defaults.ts';
import { scheduler, timeouts } from './shared-sections.ts';
import {
  address,
  addressRange,
  choice,
  duration,
  list,
  name,
  port,
  portRange,
  section,
  text,
  whole,
} from './types.ts';

const mapping = section({
  port: required(z.union([port(), portRange()], { error: 'must be a port or a range of ports' }), {
    title: 'Port',
    description: 'Port, or range of ports, of the VIP.',
  }),
  serverPort: optional(port(), {
    title: 'Server port',
    description: 'Port of the real servers; of a range the first. Absent: the same port.',
  }),
  protocol: optional(choice(['tcp', 'udp']), {
    title: 'Protocol',
    description: 'Of this port; one port may be there once for each protocol.',
    default: 'tcp',
  }),
});

const portEntry = z.union([port(), portRange(), mapping], {
  error: 'must be a port (5061), a range ("50000-50019") or a mapping ({ port: 443, serverPort: 4443 })',
});

const persistence = section({
  type: required(choice(['none', 'source-ip']), { title: 'Type', description: 'What a client is known by.' }),
  timeout: optional(duration('1s', '168h'), {
    title: 'Timeout',
    description: 'How long an entry lives after its last connection.',
    unit: 'duration',
    default: SCHEMA_DEFAULTS.persistence.timeout,
  }),
  maxEntries: optional(whole(1, 10_000_000), {
    title: 'Table size',
    description:
      'Clients that are known at once, about 56 bytes each. When the table is full the least recently used entry without ' +
      'connections goes; when all have connections, a new client is served and not remembered.',
    unit: 'entries',
    default: SCHEMA_DEFAULTS.persistence.maxEntries,
  }),
});

const limits = section({
  newConnectionsPerSecondPerSource: optional(whole(0, 1_000_000), {
    title: 'New connections per second of one source',
    description:
      'Beyond it they are reset. A token bucket: a burst may be as large as one second allows. A source is an IPv4 address or ' +
      'an IPv6 network of 64 bits. 0: no limit.',
    unit: 'connections/s',
    default: SCHEMA_DEFAULTS.limits.newConnectionsPerSecondPerSource,
  }),
  connectionsPerSource: optional(whole(0, 10_000_000), {
    title: 'Connections of one source',
    description: 'Connections that one source may hold at once; beyond it they are reset. 0: no limit.',
    unit: 'connections',
    default: SCHEMA_DEFAULTS.limits.connectionsPerSource,
  }),
});

export const virtualService = section({
  name: required(name(), { title: 'Name', description: 'Unique among the virtual services.' }),
  vip: required(address(), { title: 'VIP', description: 'The address that clients use.' }),
  pool: required(text('the name of a pool', 63), { title: 'Pool', description: 'Who serves it.' }),
  ports: optional(list(portEntry, 'ports', 1, 1024), {
    title: 'Ports',
    description:
      'Ports of the VIP: `5061`, ranges `"50000-50019"`, mappings `{ port: 443, serverPort: 4443 }`, UDP ' +
      '`{ port: 3478, protocol: udp }`. Required unless the pool has a profile that names ports.',
    inherits: 'the profile',
  }),
  scheduler: scheduler('override'),
  persistence: optional(persistence, {
    title: 'Persistence',
    description:
      'Whether a client comes back to the same server with its next connection; absent: as the profile says of each port, else no. ' +
      'Written, it holds for all ports of the service.',
    inherits: 'the profile',
  }),
  nat: optional(choice(['full', 'half', 'none']), {
    title: 'NAT mode',
    description:
      '`full`: both addresses are rewritten. `half`: only the destination, so that servers see the client; two-armed, kernel ' +
      'data plane. `none`: neither, servers answer past the balancer (DSR); one-armed, kernel data plane.',
    inherits: 'the profile',
    default: SCHEMA_DEFAULTS.nat,
  }),
  snatPool: optional(list(addressRange(), 'addresses', 1, 256), {
    title: 'SNAT pool',
    description:
      'Addresses of this machine that connections to servers come from, taken in turn: `10.0.0.44`, ranges ' +
      '`10.0.0.44-10.0.0.47`. One carries as many connections to each port of a server as `snatPorts` has ports. ' +
      "Absent: `topology.serverAddress`, else the system's choice, by its routes.",
  }),
  snatPorts: optional(portRange(), {
    title: 'SNAT ports',
    description: "Ports that connections to servers come from; absent: the system's `ip_local_port_range`.",
  }),
  timeouts: optional(section(timeouts('override')), {
    title: 'Timeouts',
    description: 'Of its connections.',
  }),
  maxConnections: optional(whole(0, 10_000_000), {
    title: 'Limit of connections',
    description: 'Connections that this service may hold at once; beyond it they are reset. 0: no limit.',
    unit: 'connections',
    default: SCHEMA_DEFAULTS.maxConnections,
  }),
  limits: optional(limits, {
    title: 'Limits per source',
    description: 'Against clients that take too much.',
  }),
});

export type VirtualServiceInput = z.infer<typeof virtualService>;
