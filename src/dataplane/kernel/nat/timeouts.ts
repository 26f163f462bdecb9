/**
 * How long conntrack keeps a connection without a packet. It has to outlast the idle limit, because what ends an idle
 * connection is our sweep, which tells both ends; were conntrack first, the connection would be cut in silence.
 */
import type { Protocol } from '../../../model/effective.ts';
import type { Translation } from './translation.ts';

/** Seconds between the idle limit and the moment at which conntrack forgets: several rounds of the sweep. */
export const MARGIN_S = 60;
/** The kernel counts it in jiffies, in 32 bits; about 12 days. */
const LONGEST_S = 1_000_000;

/** A policy is named by all that it says which differs, so one of a name never has to change. */
export interface TimeoutPolicy {
  readonly name: string;
  readonly protocol: Protocol;
  readonly seconds: number;
}

export function policyOf(protocol: Protocol, idleS: number): TimeoutPolicy {
  const seconds = Math.min(LONGEST_S, Math.ceil(idleS) + MARGIN_S);
  return { name: `${protocol}_${seconds}`, protocol, seconds };
}

/** Each one once. */
export function policiesOf({ services }: Translation): TimeoutPolicy[] {
  const all = services.map(({ protocol, idleS }) => policyOf(protocol, idleS));
  return [...new Map(all.map((policy) => [policy.name, policy])).values()];
}

/**
 * The states in which a connection may rest. FIN_WAIT and CLOSE_WAIT are two of them: one end has said all it had to
 * say and listens on, which may take as long as any other silence (half-close). All others keep the kernel's times
 * (nf_conntrack-sysctl in its documentation) but SHORTER.
 */
const RESTING = {
  tcp: ['established', 'fin_wait', 'close_wait'],
  udp: ['unreplied', 'replied'],
} as const satisfies Record<Protocol, readonly string[]>;

/**
 * Each ended connection and each forged SYN takes an entry of the one table that the whole machine has. The kernel keeps
 * both for 120 s: at 2,200 connections a second its default table is full. TIME_WAIT of Linux's own TCP takes 60 s, and
 * an entry that was forgotten between two SYNs comes back with the second one, to the same server.
 *
 * After a reset of the server (CLOSE) conntrack sends a new connection of the same client port where the old one went,
 * whatever its mark says, for 10 s by the kernel's times.
 */
const SHORTER = { tcp: { time_wait: 60, syn_sent: 30, close: 1 }, udp: {} } as const;

/**
 * Declares policies, in nft's own language: nft 1.0.6 takes a `ct timeout` in JSON and loses its times on the way
 * to the kernel, and aborts when it is to delete one. Adding one that is there already changes nothing.
 */
export function declareTimeouts(family: string, table: string, policies: readonly TimeoutPolicy[]): string {
  const objects = policies.map(({ name, protocol, seconds }) => {
    const resting = RESTING[protocol].map((state) => `${state} : ${seconds}`);
    const times = [
      ...resting,
      ...Object.entries(SHORTER[protocol]).map(([state, s]) => `${state} : ${s}`),
    ].join(', ');
    return `  ct timeout ${name} {\n    protocol ${protocol};\n    policy = { ${times} };\n  }\n`;
  });
  return `table ${family} ${table} {\n${objects.join('')}}\n`;
}

export function deleteTimeouts(family: string, table: string, names: readonly string[]): string {
  return names.map((name) => `delete ct timeout ${family} ${table} ${name}\n`).join('');
}
