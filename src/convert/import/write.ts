/** A plan as the text of a config, with comments that name the lines where things came from. */
import { Document, isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml';
import { formatDuration } from '../../model/duration.ts';
import { canonicalAddress } from '../../model/address.ts';
import type { At, DraftCheck, DraftServer } from './draft.ts';
import type { Plan, PlannedPool, PlannedPort, PlannedService } from './plan.ts';

/** Stands where the administrator has to write a value; no key that gets it takes it as one. */
export const FILL_IN = 'FILL-IN';

/** More entries than that stand below one another. */
const MOST_IN_A_ROW = 16;

export interface Heading {
  /** Lines of the comment at the top. */
  readonly lines: readonly string[];
}

/** @param profiles pools, by name, that are to have a profile instead of none */
export function writeConfig(plan: Plan, heading: Heading, profiles: ReadonlyMap<string, string>): string {
  const doc = new Document({ version: 1 });
  doc.commentBefore = heading.lines.map((line) => ` ${plain(line)}`).join('\n');
  if (plan.interface) set(doc, 'topology', { interface: plan.interface.value }, [plan.interface.line]);
  if (plan.redispatch) set(doc, 'defaults', { redispatch: plan.redispatch.value }, [plan.redispatch.line]);
  doc.set(
    'pools',
    plan.pools.map((pool) => poolNode(doc, pool, profiles.get(pool.name))),
  );
  doc.set(
    'virtualServices',
    plan.services.map((service) => serviceNode(doc, service)),
  );
  return doc.toString({ lineWidth: 0, flowCollectionPadding: true });
}

function poolNode(doc: Document, pool: PlannedPool, profile: string | undefined): YAMLMap {
  const map = doc.createNode({ name: pool.name }) as YAMLMap;
  comment(map.get('name', true), [pool.lines[0] ?? 0]);
  if (profile !== undefined) map.set('profile', profile);
  if (pool.checks.length > 0) map.set('healthChecks', rows(doc, pool.checks, checkValue));
  if (pool.onDown) setIn(doc, map, 'onDown', pool.onDown);
  map.set('realServers', rows(doc, pool.servers, serverValue));
  if (pool.fallback) {
    const { address, port } = pool.fallback.value;
    const value = port.kind === 'fixed' ? { address, port: port.port } : { address };
    setIn(doc, map, 'fallback', { value, line: pool.fallback.line });
  }
  return map;
}

function rows<T extends { readonly line: number }>(
  doc: Document,
  items: readonly T[],
  valueOf: (item: T) => { value: object; note?: string | undefined },
) {
  const nodes = items.map((item) => {
    const { value, note } = valueOf(item);
    const node = doc.createNode(value, { flow: true });
    comment(node, [item.line], note);
    return node;
  });
  return doc.createNode(nodes);
}

function serverValue(server: DraftServer): { value: object; note?: string | undefined } {
  const { name, fqdn, weight, maxConnections, admin } = server;
  const address = server.known ? canonicalAddress(server.address) : server.address;
  const value = {
    name,
    ...(fqdn === undefined ? {} : { fqdn }),
    address,
    ...(weight === undefined ? {} : { weight }),
    ...(maxConnections === 0 ? {} : { maxConnections }),
    ...(admin === 'ready' ? {} : { admin }),
  };
  return { value, note: server.known ? undefined : 'fill in its address' };
}

function checkValue(check: DraftCheck): { value: object } {
  const { type, port, intervalMs, timeoutMs, line: _, ...rest } = check;
  const value = {
    type,
    port,
    ...(intervalMs === undefined ? {} : { interval: formatDuration(intervalMs) }),
    ...(timeoutMs === undefined ? {} : { timeout: formatDuration(timeoutMs) }),
    ...Object.fromEntries(Object.entries(rest).filter(([, given]) => given !== undefined)),
  };
  return { value };
}

function serviceNode(doc: Document, service: PlannedService): YAMLMap {
  const map = doc.createNode({ name: service.name }) as YAMLMap;
  comment(map.get('name', true), service.lines);
  map.set('vip', doc.createNode(service.vip ?? FILL_IN));
  if (service.vip === null) {
    comment(
      map.get('vip', true),
      service.ports.map((p) => p.line).slice(0, 1),
      'fill in the address that clients use',
    );
  }
  map.set('pool', service.pool.name);
  map.set('ports', portsNode(doc, service.ports));
  setIn(doc, map, 'scheduler', service.scheduler);
  setIn(doc, map, 'persistence', service.persistence, persistenceValue);
  setIn(doc, map, 'nat', service.nat);
  setIn(doc, map, 'snatPool', service.snatPool);
  if (service.snatPorts !== null) map.set('snatPorts', service.snatPorts);
  setTimeouts(doc, map, service);
  setIn(doc, map, 'maxConnections', service.maxConnections);
  setIn(doc, map, 'limits', service.limits);
  return map;
}

function persistenceValue({
  timeoutMs,
  maxEntries,
}: NonNullable<PlannedService['persistence']>['value']): object {
  return {
    type: 'source-ip',
    ...(timeoutMs === undefined ? {} : { timeout: formatDuration(timeoutMs) }),
    ...(maxEntries === undefined ? {} : { maxEntries }),
  };
}

function setTimeouts(doc: Document, map: YAMLMap, service: PlannedService): void {
  const given = { connect: service.connectMs, idle: service.idleMs, udpIdle: service.udpIdleMs };
  const present = Object.entries(given).filter(([, at]) => at !== null) as [string, At<number>][];
  if (present.length === 0) return;
  const value = Object.fromEntries(present.map(([key, at]) => [key, formatDuration(at.value)]));
  const node = doc.createNode(value, { flow: true });
  comment(
    node,
    present.map(([, at]) => at.line),
  );
  map.set('timeouts', node);
}

function portsNode(doc: Document, ports: readonly PlannedPort[]): Node {
  if (ports.length <= MOST_IN_A_ROW) {
    const node = doc.createNode(ports.map(portValue), { flow: true });
    comment(
      node,
      ports.map((p) => p.line),
    );
    return node;
  }
  return doc.createNode(
    ports.map((port) => {
      const node = doc.createNode(portValue(port), { flow: true });
      comment(node, [port.line]);
      return node;
    }),
  );
}

function portValue({ protocol, first, last, serverFirst }: PlannedPort): unknown {
  const port = first === last ? first : `${first}-${last}`;
  if (protocol === 'tcp' && first === serverFirst) return port;
  return {
    port,
    ...(first === serverFirst ? {} : { serverPort: serverFirst }),
    ...(protocol === 'udp' ? { protocol } : {}),
  };
}

function set(doc: Document, key: string, value: object, lines: readonly number[]): void {
  const node = doc.createNode(value, { flow: true });
  comment(node, lines);
  doc.set(key, node);
}

function setIn<T>(
  doc: Document,
  map: YAMLMap,
  key: string,
  at: At<T> | null,
  valueOf: (value: T) => unknown = (value) => value,
): void {
  if (!at) return;
  const node = doc.createNode(valueOf(at.value), { flow: true });
  comment(node, [at.line]);
  map.set(key, node);
}

function comment(node: unknown, lines: readonly number[], note = ''): void {
  const words = [note === '' ? '' : `${FILL_IN}: ${note}`, linesText(lines)];
  const text = words.filter((word) => word !== '').join(', ');
  if (text !== '' && (isScalar(node) || isMap(node) || isSeq(node))) node.comment = ` ${text}`;
}

/** `line 3`, `lines 3, 5-7`; empty for values that come from no line. */
export function linesText(lines: readonly number[]): string {
  const sorted = [...new Set(lines)].filter((line) => line > 0).toSorted((a, b) => a - b);
  const runs: [number, number][] = [];
  for (const line of sorted) {
    const run = runs.at(-1);
    if (run && run[1] + 1 === line) run[1] = line;
    else runs.push([line, line]);
  }
  const text = runs.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(', ');
  return text === '' ? '' : `${sorted.length === 1 ? 'line' : 'lines'} ${text}`;
}

/** One line of a comment, whatever the file was called. */
function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '\u{fffd}').slice(0, 200);
}

/** Which line of the source a line of the result speaks of: that of its own comment, else of the nearest one above. */
export function sourceLineOf(config: string, line: number): number {
  const lines = config.split('\n');
  const told = (at: number): number | null => {
    const [, found] = /# (?:.*, )?lines? (\d+)[\d, -]*$/.exec(lines[at] ?? '') ?? [];
    return found === undefined ? null : Number(found);
  };
  const own = Math.min(line, lines.length) - 1;
  // A key above others has no comment of its own; the first of these speaks for it.
  if (told(own) === null && /:\s*$/.test(lines[own] ?? '')) return told(own + 1) ?? 0;
  for (let at = own; at >= 0; at--) {
    const found = told(at);
    if (found !== null) return found;
  }
  return 0;
}
