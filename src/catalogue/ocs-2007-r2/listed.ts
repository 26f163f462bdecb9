import type { DocumentKey } from '../documents.ts';
import type { Citation } from '../row.ts';

export function listed(document: DocumentKey, says: string): Citation {
  return { document, says };
}

/** The guide's table and WebMux's list have the same twelve; the walkthrough says no more of each than its number. */
export function vendors(port: number, loadbalancerOrg: string): readonly Citation[] {
  return [
    listed('loadbalancerOrg', `${port}, ${loadbalancerOrg}`),
    listed('webmux', `${port} among the TCP ports of the pool`),
  ];
}

/** Radware lists six, and says nothing of what they are for. */
export function radware(port: number): Citation {
  return listed('radware', `${port} among its six ports`);
}
