/** Which connections a change ends: those of servers and ports that the new state has no more. Pure. */
import { portKey } from '../apply-changes.ts';
import type { DesiredState, PlanePort } from '../dataplane.ts';
import type { Numbers } from './maps/numbers.ts';
import type { Numbered } from './connections/table.ts';

export interface Step {
  readonly state: DesiredState;
  readonly numbers: Numbers;
}

/** Null when nothing went. */
export function goneBetween(before: Step, after: Step): ((row: Numbered) => boolean) | null {
  const servers = goneServers(before.numbers, after.numbers);
  const ports = gonePorts(before.state, after.state);
  if (servers.size === 0 && ports.size === 0) return null;
  return (row) => {
    if (servers.has(`${row.pool} ${row.server}`)) return true;
    if (ports.size === 0) return false;
    const { protocol, vip, vipPort } = row.ends();
    return ports.has(portKey({ protocol, vip, port: vipPort, serverPort: 0 }));
  };
}

function goneServers(before: Numbers, after: Numbers): Set<string> {
  const gone = new Set<string>();
  for (const [pool, { id, servers }] of before.pools) {
    const now = after.pools.get(pool)?.servers;
    for (const [name, { position, generation }] of servers) {
      if (now?.get(name)?.generation !== generation) gone.add(`${id} ${position}`);
    }
  }
  return gone;
}

/** A port that another service has now is another port. */
export function gonePorts(before: DesiredState, after: DesiredState): Map<string, PlanePort> {
  const now = new Map(after.services.flatMap((s) => s.ports.map((port) => [portKey(port), s.name] as const)));
  const all = before.services.flatMap((s) => s.ports.map((port) => [portKey(port), port, s.name] as const));
  return new Map(all.filter(([key, , name]) => now.get(key) !== name).map(([key, port]) => [key, port]));
}
