/** Whether all that the flood lost was lost on the server that failed, told by packets and by the generator's counts. */
import type { FloodResult } from './flood.ts';
import type { Packets } from './flood-packets.ts';
import type { Stretch } from './flood-watch.ts';

export interface FloodAccount {
  /** Resets that reached the flood's clients. */
  readonly resetsAtClients: number;
  /** The most that can have been lost on failed servers, as those counted: resets sent to them, and unanswered SYNs. */
  readonly resetsAtFailedServers: number;
  readonly unansweredSyns: number;
  /** Must be 0. */
  readonly resetsAtHealthyServers: number;
  /** Must be 0. */
  readonly resetsAtClientsWithoutTrouble: number;
  /** Answers to segments of connections that were over; they cost nobody anything. */
  readonly strayResets: number;
  /** What should not have been; must be empty. */
  readonly unexplained: readonly string[];
}

const EMPTY: Packets = { syns: 0, synAcks: 0, resetsTo: 0, resetsFrom: 0, strays: 0 };
/** Below this share of the rate wanted, it was no soak at that rate. */
const RATE_REACHED = 0.95;

/** The account of a flood over all its stretches; `result` is the generator's of the same time. */
export function floodAccount(
  stretches: readonly Stretch[],
  result: FloodResult,
  wantedRate: number,
): FloodAccount {
  const each = stretches.map(accountOf);
  const sum = (pick: (one: StretchAccount) => number): number =>
    each.reduce((total, one) => total + pick(one), 0);
  const account = {
    resetsAtClients: sum((one) => one.atClients),
    resetsAtFailedServers: sum((one) => one.atFailed),
    unansweredSyns: sum((one) => one.unanswered),
    resetsAtHealthyServers: sum((one) => one.atHealthy),
    strayResets: sum((one) => one.strays),
    resetsAtClientsWithoutTrouble: sum((one) => (one.loses ? 0 : one.atClients)),
  };
  const unexplained = [
    ...each.flatMap(complaints),
    ...ofGenerator(result, wantedRate, account.resetsAtClients),
  ];
  return { ...account, unexplained };
}

interface StretchAccount {
  readonly what: string;
  readonly loses: boolean;
  readonly atClients: number;
  readonly fromClients: number;
  readonly atFailed: number;
  readonly unanswered: number;
  readonly atHealthy: number;
  readonly strays: number;
}

function accountOf({ packets, failed, loses, what }: Stretch): StretchAccount {
  const atFailed = (failed === null ? undefined : packets.servers[failed]) ?? EMPTY;
  const healthy = Object.entries(packets.servers).filter(([name]) => name !== failed);
  return {
    what,
    loses,
    atClients: packets.client.resetsFrom,
    fromClients: packets.client.resetsTo,
    // Only those sent to it: what it sends in a black hole, when it is made to forget, reaches nobody.
    atFailed: atFailed.resetsTo,
    unanswered: Math.max(0, atFailed.syns - atFailed.synAcks),
    atHealthy: healthy.reduce((total, [, one]) => total + resets(one), 0),
    strays:
      packets.client.strays + Object.values(packets.servers).reduce((total, one) => total + one.strays, 0),
  };
}

function resets(packets: Packets): number {
  return packets.resetsTo + packets.resetsFrom;
}

function complaints(one: StretchAccount): string[] {
  const possible = one.loses ? one.atFailed + one.unanswered : 0;
  return [
    ...(one.atHealthy > 0 ? [`${one.what}: ${one.atHealthy} resets at healthy servers`] : []),
    ...(one.fromClients > 0 ? [`${one.what}: the clients sent ${one.fromClients} resets`] : []),
    ...(one.atClients > possible
      ? [`${one.what}: ${one.atClients} resets at clients, of which the failed server explains ${possible}`]
      : []),
  ];
}

/** Every error has to be a reset that was counted on the wire; a refusal, an early end or silence is none. */
function ofGenerator(result: FloodResult, wantedRate: number, resetsSeen: number): string[] {
  const { reset, ...others } = result.errors;
  const wrong = Object.entries({ ...others, unfinished: result.unfinished }).filter(([, n]) => n > 0);
  return [
    ...wrong.map(([kind, n]) => `the generator counts ${n} ${kind}`),
    ...(reset > resetsSeen ? [`the generator counts ${reset} resets, the wire ${resetsSeen}`] : []),
    ...(result.perSecond < wantedRate * RATE_REACHED
      ? [`the flood reached ${result.perSecond}/s and not ${wantedRate}/s`]
      : []),
  ];
}
