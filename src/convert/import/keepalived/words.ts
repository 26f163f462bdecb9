/** The words of `virtual_server` and `real_server`, and what becomes of each. */
import { formatDuration } from '../../../model/duration.ts';
import type { SchedulerName } from '../../../scheduler/names.ts';
import { PACE } from './pace.ts';
import {
  type Context,
  count,
  type RealServer,
  type Row,
  seconds,
  tell,
  type VirtualServer,
} from './virtual-server.ts';

/** IPVS names; ours are the same where there is one. */
export const ALGORITHMS: Readonly<
  Record<string, { readonly scheduler: SchedulerName; readonly note: string }>
> = {
  rr: { scheduler: 'rr', note: '' },
  wrr: { scheduler: 'wrr', note: '' },
  lc: { scheduler: 'lc', note: '' },
  wlc: { scheduler: 'wlc', note: '' },
  sh: { scheduler: 'sh', note: '' },
  mh: { scheduler: 'mh', note: '' },
  sed: {
    scheduler: 'wlc',
    note: 'Shortest expected delay is not there; weighted least connections come nearest.',
  },
  nq: { scheduler: 'wlc', note: 'Never queue is not there; weighted least connections come nearest.' },
  lblc: { scheduler: 'wlc', note: 'Locality by destination is for caches and is not there.' },
  lblcr: { scheduler: 'wlc', note: 'Locality by destination is for caches and is not there.' },
  dh: { scheduler: 'wlc', note: 'A hash of the destination is for caches and is not there.' },
  fo: {
    scheduler: 'wlc',
    note: 'One server at a time is not there; connections are shared. A `fallback` is for the last resort.',
  },
  ovf: { scheduler: 'wlc', note: 'Overflow is not there; connections are shared.' },
  twos: { scheduler: 'wlc', note: 'A choice of two is not there; weighted least connections come nearest.' },
};

const NOTIFY = 'Programs that hear of changes have no equivalent; see `poolgate events` and the metrics.';
const SMTP = 'Mail has no equivalent; see `poolgate events` and the metrics.';

function readAlgorithm(vs: VirtualServer, [name = '']: readonly string[], context: Context): void {
  const found = Object.hasOwn(ALGORITHMS, name) ? ALGORITHMS[name] : undefined;
  vs.scheduler = { value: found?.scheduler ?? 'wlc', line: context.place.line };
  if (!found)
    return tell(context, 'missing', `IPVS has no scheduler \`${name.slice(0, 40)}\`; \`wlc\` is written.`);
  return tell(
    context,
    found.note === '' ? 'translated' : 'changed',
    `Scheduler \`${found.scheduler}\`. ${found.note}`.trim(),
  );
}

function readForwarding(vs: VirtualServer, [name = '']: readonly string[], context: Context): void {
  const value = name.toUpperCase();
  if (value !== 'NAT' && value !== 'DR' && value !== 'TUN')
    return tell(
      context,
      'missing',
      `\`${name.slice(0, 40)}\` is none of NAT, DR and TUN; full NAT is written.`,
    );
  vs.forwarding = { value, line: context.place.line };
  if (value === 'DR')
    return tell(
      context,
      'translated',
      '`nat: none`: servers answer past the balancer. It needs the kernel data plane and `topology.interface`.',
    );
  if (value === 'TUN')
    return tell(
      context,
      'missing',
      'Tunnels to servers have no equivalent; full NAT is written.',
      'Servers answer through the balancer then, and need no address of the VIP.',
    );
  return tell(
    context,
    'changed',
    "Full NAT: servers see the balancer's address, and answer to it by whatever route. With NAT of IPVS they see the client's and must answer through the balancer.",
    'To keep it so, write `nat: half` and a two-armed `topology`.',
  );
}

function readPersistence(vs: VirtualServer, [text]: readonly string[], context: Context): void {
  const ms = text === undefined ? 360_000 : seconds(text);
  if (ms === 0) return tell(context, 'translated', 'No persistence.');
  if (ms === null) return tell(context, 'missing', `\`${text ?? ''}\` is no number of seconds.`);
  const value = Math.min(168 * 3_600_000, Math.max(1000, ms));
  vs.persistenceMs = { value, line: context.place.line };
  return tell(
    context,
    'translated',
    `Persistence by source address, for ${formatDuration(value)} after the last connection.`,
  );
}

function readProtocol(vs: VirtualServer, [name = '']: readonly string[], context: Context): void {
  const value = name.toUpperCase();
  if (value === 'TCP' || value === 'UDP') vs.protocol = value === 'UDP' ? 'udp' : 'tcp';
  else vs.unusable = true;
  if (vs.unusable)
    tell(
      context,
      'missing',
      `${name.slice(0, 20)} is not balanced, only TCP and UDP. The virtual server is left out.`,
    );
  else tell(context, 'translated', value === 'UDP' ? '`protocol: udp` of its ports.' : 'TCP.');
}

export const SERVER_WORDS: Readonly<Record<string, Row<RealServer>>> = {
  ...PACE,
  weight: { kind: 'translated', becomes: '`weight`; 0 is drain', read: readWeight },
  uthreshold: { kind: 'changed', becomes: '`maxConnections`', read: readThreshold },
  lthreshold: {
    kind: 'unneeded',
    becomes: 'A server that was full gets connections again as soon as it has room.',
  },
  inhibit_on_failure: { kind: 'translated', becomes: '`onDown: keep`', read: readInhibit },
  snmp_name: {
    kind: 'translated',
    becomes: '`name`',
    read: (server, [name]) => void (server.name = name ?? server.name),
  },
  lvs_method: {
    kind: 'changed',
    becomes: 'How packets are forwarded is one thing for the whole virtual service.',
  },
  lb_kind: {
    kind: 'changed',
    becomes: 'How packets are forwarded is one thing for the whole virtual service.',
  },
  virtualhost: { kind: 'unneeded', becomes: 'The name stands at its health check.' },
  notify_up: { kind: 'changed', becomes: NOTIFY },
  notify_down: { kind: 'changed', becomes: NOTIFY },
  smtp_alert: { kind: 'unneeded', becomes: SMTP },
};

function readWeight(server: RealServer, [text]: readonly string[], context: Context): void {
  const weight = count(text, 65_535);
  if (weight === null) return tell(context, 'missing', `\`${text ?? ''}\` is no weight from 0 to 65535.`);
  server.weight = weight;
  return tell(context, 'translated', `\`weight: ${weight}\`.`);
}

function readThreshold(server: RealServer, [text]: readonly string[], context: Context): void {
  const most = count(text, 10_000_000);
  if (most === null) return tell(context, 'missing', `\`${text ?? ''}\` is no number of connections.`);
  server.maxConnections = most;
  return tell(context, 'translated', `\`maxConnections: ${most}\`.`);
}

function readInhibit(server: RealServer, _args: readonly string[], context: Context): void {
  server.inhibit = true;
  tell(context, 'translated', '`onDown: keep`: its connections stay when it goes down.');
}

function readQuorum(_vs: VirtualServer, [text]: readonly string[], context: Context): void {
  if (text === '1') return tell(context, 'unneeded', 'One server is enough here too.');
  return tell(context, 'missing', 'The fallback serves when no server can, not when they are few.');
}

const SWITCHES = 'Failover to another machine has no equivalent.';

export const VIRTUAL_WORDS: Readonly<Record<string, Row<VirtualServer>>> = {
  ...PACE,
  lb_algo: { kind: 'translated', becomes: '`scheduler`', read: readAlgorithm },
  lvs_sched: { kind: 'translated', becomes: '`scheduler`', read: readAlgorithm },
  lb_kind: {
    kind: 'changed',
    becomes: 'DR: `nat: none`; NAT: full NAT, as `nat: half` needs two arms',
    read: readForwarding,
  },
  lvs_method: { kind: 'changed', becomes: 'as `lb_kind`', read: readForwarding },
  persistence_timeout: {
    kind: 'translated',
    becomes: '`persistence: { type: source-ip, timeout: … }`',
    read: readPersistence,
  },
  protocol: { kind: 'translated', becomes: '`protocol` of the ports', read: readProtocol },
  persistence_granularity: {
    kind: 'missing',
    becomes: 'Clients are known by their whole address, not by their network.',
  },
  persistence_engine: {
    kind: 'missing',
    becomes: 'Clients are known by their address, not by what SIP says.',
  },
  quorum: { kind: 'missing', becomes: 'nothing; 1 is what holds here', read: readQuorum },
  hysteresis: { kind: 'unneeded', becomes: 'Of the quorum.' },
  quorum_up: { kind: 'changed', becomes: NOTIFY },
  quorum_down: { kind: 'changed', becomes: NOTIFY },
  sorry_server_inhibit: { kind: 'unneeded', becomes: 'The fallback is not checked.' },
  sorry_server_lvs_method: { kind: 'unneeded', becomes: 'The fallback is reached as servers are.' },
  ops: {
    kind: 'changed',
    becomes: 'Datagrams of one client port are one flow and go to one server until `udpIdle`.',
  },
  hashed: { kind: 'unneeded', becomes: 'Of the hash of IPVS.' },
  'flag-1': { kind: 'unneeded', becomes: 'Of the hash of IPVS.' },
  'flag-2': { kind: 'unneeded', becomes: 'Of the hash of IPVS.' },
  'flag-3': { kind: 'unneeded', becomes: 'Of the hash of IPVS.' },
  'sh-port': { kind: 'changed', becomes: '`sh` hashes the address of the client alone.' },
  'sh-fallback': { kind: 'unneeded', becomes: 'A server that is down gives its clients to another anyway.' },
  'mh-port': { kind: 'changed', becomes: '`mh` hashes the address of the client alone.' },
  'mh-fallback': { kind: 'unneeded', becomes: 'A server that is down gives its clients to another anyway.' },
  ha_suspend: { kind: 'changed', becomes: SWITCHES },
  omega: { kind: 'unneeded', becomes: NOTIFY },
  virtualhost: { kind: 'unneeded', becomes: 'The name stands at its health checks.' },
  snmp_name: {
    kind: 'translated',
    becomes: '`name`',
    read: (vs, [name]) => void (vs.name = name ?? vs.name),
  },
  smtp_alert: { kind: 'unneeded', becomes: SMTP },
  ip_family: { kind: 'unneeded', becomes: 'The address says it.' },
  service_type: { kind: 'unneeded', becomes: 'The protocol of the ports says it.' },
  net_mask: { kind: 'unneeded', becomes: 'Of old kernels.' },
  nat_mask: { kind: 'unneeded', becomes: 'Of old kernels.' },
  syn_proxy: { kind: 'unneeded', becomes: 'Of old kernels.' },
};
