/** Every metric there is: name, unit, meaning, labels, and where its value comes from. */
import { isGood } from '../state/contract.ts';
import type { Metric } from './metric.ts';
import { checksOf, counted, ofPool, ofPort, ofServer, own } from './metric.ts';

const CHECK = ['pool', 'real_server', 'port', 'type'] as const;

export const METRICS: readonly Metric[] = [
  {
    name: 'poolgate_build_info',
    type: 'gauge',
    unit: 'info',
    help: 'Version and data plane of this process.',
    labels: ['version', 'data_plane'],
    read: ({ status }) => [{ labels: { version: status.version, data_plane: status.dataPlane }, value: 1 }],
  },
  own('poolgate_ready_bool', 'bool', 'Every server has had its first verdict.', (s) => Number(s.ready)),
  own('poolgate_uptime_seconds', 'seconds', 'Time since start.', (s) => s.uptimeMs / 1000),
  own('poolgate_worker_threads', 'threads', 'Worker threads of the data plane.', (s) => s.workers),
  own('poolgate_open_connections', 'connections', 'Open connections.', (s) => s.active),
  own('poolgate_capacity_connections', 'connections', 'Connections that fit at once.', (s) => s.capacity),
  {
    name: 'poolgate_virtual_service_serving_bool',
    type: 'gauge',
    unit: 'bool',
    help: 'New connections get a real server (0: they go to the fallback or are refused).',
    labels: ['virtual_service'],
    read: ({ status }) =>
      status.services.map((s) => ({
        labels: { virtual_service: s.name },
        value: Number(s.state === 'serving'),
      })),
  },
  ofPort(
    'gauge',
    'poolgate_virtual_service_open_connections',
    'connections',
    'Open connections.',
    (p) => p.active,
  ),
  ofPort(
    'counter',
    'poolgate_virtual_service_connections_total',
    'connections',
    'Connections accepted.',
    (p) => p.total,
  ),
  ofPort(
    'counter',
    'poolgate_virtual_service_refused_connections_total',
    'connections',
    'Connections turned away by a reset, and UDP datagrams dropped: no usable server, no server took it, or no room.',
    (p) => p.refused,
  ),
  ofPort(
    'counter',
    'poolgate_virtual_service_received_bytes_total',
    'bytes',
    'Payload from clients.',
    (p) => p.bytesIn,
  ),
  ofPort(
    'counter',
    'poolgate_virtual_service_sent_bytes_total',
    'bytes',
    'Payload to clients.',
    (p) => p.bytesOut,
  ),
  {
    name: 'poolgate_address_present_bool',
    type: 'gauge',
    unit: 'bool',
    help: 'The VIP is on its interface, and that is up (only with topology.interface).',
    labels: ['address', 'interface'],
    read: ({ status }) =>
      status.addresses.map((a) => ({
        labels: { address: a.address, interface: a.interface },
        value: Number(a.present),
      })),
  },
  ofPool('poolgate_pool_servers', 'Real servers of the pool.', (p) => p.servers),
  ofPool('poolgate_pool_usable_servers', 'Real servers that get new connections.', (p) => p.usable),
  ofServer('gauge', 'poolgate_real_server_usable_bool', 'bool', 'It gets new connections.', (s) =>
    Number(s.usable),
  ),
  ofServer('gauge', 'poolgate_real_server_up_bool', 'bool', 'All its health checks are good.', (s) =>
    Number(s.health === 'up'),
  ),
  ofServer(
    'gauge',
    'poolgate_real_server_weight_ratio',
    'ratio',
    'Its weight, against the others of its pool.',
    (s) => s.weight,
  ),
  ofServer(
    'counter',
    'poolgate_real_server_downs_total',
    'downs',
    'How often its health went down.',
    (s) => s.downs,
  ),
  {
    name: 'poolgate_real_server_check_good_bool',
    type: 'gauge',
    unit: 'bool',
    help: 'The last probe of this health check was good.',
    labels: CHECK,
    read: ({ servers }) => checksOf(servers, (c) => Number(isGood(c))),
  },
  {
    name: 'poolgate_real_server_check_duration_seconds',
    type: 'gauge',
    unit: 'seconds',
    help: 'How long the last probe of this health check took.',
    labels: CHECK,
    read: ({ servers }) => checksOf(servers, (c) => c.durationMs / 1000),
  },
  counted(
    'gauge',
    'poolgate_real_server_open_connections',
    'connections',
    'Connections that hold it, those still connecting included.',
    (c) => c.active,
  ),
  counted(
    'counter',
    'poolgate_real_server_connections_total',
    'connections',
    'Connections given to it.',
    (c) => c.total,
  ),
  counted(
    'counter',
    'poolgate_real_server_received_bytes_total',
    'bytes',
    'Payload from clients to it.',
    (c) => c.bytesIn,
  ),
  counted(
    'counter',
    'poolgate_real_server_sent_bytes_total',
    'bytes',
    'Payload from it to clients.',
    (c) => c.bytesOut,
  ),
  counted(
    'counter',
    'poolgate_real_server_connect_errors_total',
    'errors',
    'Connects that were refused or unreachable.',
    (c) => c.connectErrors,
  ),
  counted(
    'counter',
    'poolgate_real_server_connect_timeouts_total',
    'timeouts',
    'Connects without an answer in time.',
    (c) => c.connectTimeouts,
  ),
  counted(
    'counter',
    'poolgate_real_server_redispatches_total',
    'redispatches',
    'Connections that it could not take and that were tried on another server.',
    (c) => c.redispatches,
  ),
  counted(
    'counter',
    'poolgate_real_server_idle_expired_connections_total',
    'connections',
    'Connections reset because no payload moved for the idle timeout.',
    (c) => c.idleExpired,
  ),
  counted(
    'counter',
    'poolgate_real_server_server_resets_total',
    'resets',
    'Connections that ended by a reset from it.',
    (c) => c.serverResets,
  ),
  counted(
    'counter',
    'poolgate_real_server_client_resets_total',
    'resets',
    'Connections to it that ended by a reset from the client.',
    (c) => c.clientResets,
  ),
];
