/** Which connections a change list ends by removing their server or port, counted before it is applied. Pure. */
import type { Change, PlaneCounters } from '../dataplane/dataplane.ts';
import type { EventDraft } from './events.ts';
import { plural } from './messages.ts';

export interface Ended {
  /** @param name `POOL/SERVER` */
  ofServer(name: string): number;
  /** One event for each service that lost ports with connections on them. */
  drafts(actor: string): EventDraft[];
}

export function endedBy(changes: readonly Change[], counters: PlaneCounters): Ended {
  const servers = new Map<string, number>();
  const services = new Map<string, { ports: number[]; active: number }>();
  for (const change of changes) {
    if (change.kind === 'remove-server') {
      const name = `${change.pool}/${change.server}`;
      servers.set(name, counters.servers.get(name)?.active ?? 0);
    }
    if (change.kind === 'remove-port') {
      const { vip, port } = change.port;
      const active = counters.ports.find((p) => p.vip === vip && p.port === port)?.active ?? 0;
      const so = services.get(change.service) ?? { ports: [], active: 0 };
      services.set(change.service, { ports: [...so.ports, port], active: so.active + active });
    }
  }
  return {
    ofServer: (name) => servers.get(name) ?? 0,
    drafts: (actor) =>
      [...services].filter(([, { active }]) => active > 0).map(([name, lost]) => draftOf(name, lost, actor)),
  };
}

function draftOf(service: string, lost: { ports: number[]; active: number }, actor: string): EventDraft {
  const ports = `port${lost.ports.length === 1 ? '' : 's'} ${lost.ports.join(', ')}`;
  const message = `Virtual service ${service}: ${ports} removed, ${plural(lost.active, 'connection')} reset.`;
  return { kind: 'connections-reset', severity: 'notice', message, service, actor };
}
