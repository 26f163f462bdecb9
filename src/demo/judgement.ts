/** Which troubles of the clients have a cause that the demo itself set, and which are the balancer's. Pure. */
import type { PoolgateEvent } from '../state/contract.ts';
import type { Trouble } from './ledger.ts';
import type { ServerName } from './site.ts';

/** A server that was made to fail. ms since 1970; `mendedAt` null while it lasts. */
export interface Fault {
  readonly server: ServerName;
  readonly failedAt: number;
  mendedAt: number | null;
}

/** Resets arrive about when the event does, on either side of it. */
const NEAR_MS = 2000;
/** A server that is mended may still be found bad by a check that was under way. */
const AFTERMATH_MS = 3000;

/**
 * A connection may be cut when its server is declared DOWN, and remain unanswered when one is declared DOWN just then
 * or when no server is usable; and a server may be declared DOWN when it was made to fail. Everything else is returned.
 */
export function unexplained(
  troubles: readonly Trouble[],
  events: readonly PoolgateEvent[],
  faults: readonly Fault[],
): string[] {
  const downs = events.filter((event) => event.kind === 'server-down');
  const wrongDowns = downs.filter((down) => !faults.some((fault) => caused(fault, down)));
  const left = troubles.filter(
    (trouble) => !downs.some((down) => explains(down, trouble)) && !turnedAway(trouble, events),
  );
  return [
    ...wrongDowns.map((down) => down.message),
    ...left.map(({ server, text }) => (server ? `${server}: ${text}` : text)),
  ];
}

function caused(fault: Fault, down: PoolgateEvent): boolean {
  const at = Date.parse(down.at);
  const over = fault.mendedAt === null ? Infinity : fault.mendedAt + AFTERMATH_MS;
  return fault.server === down.realServer && at >= fault.failedAt && at <= over;
}

function explains(down: PoolgateEvent, trouble: Trouble): boolean {
  const near = Math.abs(Date.parse(down.at) - trouble.at) <= NEAR_MS;
  return near && (trouble.server === null || trouble.server === down.realServer);
}

/** While a pool is empty its connections are refused, and should be. */
function turnedAway(trouble: Trouble, events: readonly PoolgateEvent[]): boolean {
  if (trouble.server !== null) return false;
  const changes = events.filter((event) => event.kind === 'pool-empty' || event.kind === 'pool-usable');
  return changes.some((change, at) => {
    if (change.kind !== 'pool-empty') return false;
    const next = changes[at + 1];
    const end = next ? Date.parse(next.at) + NEAR_MS : Infinity;
    return trouble.at >= Date.parse(change.at) - NEAR_MS && trouble.at <= end;
  });
}
