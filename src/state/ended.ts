/** Which connections a change list ends by removing their server or port, counted before it is applied. Pure. */
import type { Change, PlaneCounters, PortCounters } from '../dataplane/dataplane.ts';
import type { EventDraft } from './events.ts';
import { suffix } from '../model/ports.ts';
import { plural } from './messages.ts';

interface Lost {
  readonly ports: readonly string[];
  readonly active: number;
}

export interface Ended {
  /** @param name `POOL/SERVER` */
  ofServer(name: string): number;
  /** One event for each service that lost ports with connections on them. */
  drafts(actor: string): EventDraft[];
}

export function endedBy(changes: readonly Change[], counters: PlaneCounters): Ended {
  const servers = new Map<string, number>();
  const services = new Map<string, Lost>();
  for (const change of changes) {
    if (change.kind === 'remove-server') {
      const name = `${change.pool}/${change.server}`;
      servers.set(name, counters.servers.get(name)?.active ?? 0);
    }
    if (change.kind === 'remove-port') {
      const { vip, protocol, port } = change.port;
      const same = (p: PortCounters): boolean => p.vip === vip && p.protocol === protocol && p.port === port;
      const active = counters.ports.find(same)?.active ?? 0;
      const so = services.get(change.service) ?? { ports: [], active: 0 };
      services.set(change.service, {
        ports: [...so.ports, `${port}${suffix(protocol)}`],
        active: so.active + active,
      });
    }
  }
  return {
    ofServer: (name) => servers.get(name) ?? 0,
    drafts: (actor) =>
      [...services].filter(([, { active }]) => active > 0).map(([name, lost]) => draftOf(name, lost, actor)),
  };
}

function draftOf(service: string, lost: Lost, actor: string): EventDraft {
  const ports = `port${lost.ports.length === 1 ? '' : 's'} ${lost.ports.join(', ')}`;
  const message = `Virtual service ${service}: ${ports} removed, ${plural(lost.active, 'connection')} reset.`;
  return { kind: 'connections-reset', severity: 'notice', message, service, actor };
}
