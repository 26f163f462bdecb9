/** nftables' JSON in small pieces (libnftables-json(5)). */
import { isIPv6 } from 'node:net';
import { MARK, MARK_MASK } from './mark.ts';
import type { PortRange } from './translation.ts';

export type Json = string | number | null | readonly Json[] | { readonly [key: string]: Json };
export type Expression = { readonly [key: string]: Json };

export const metaMark = { meta: { key: 'mark' } };
export const ctMark = { ct: { key: 'mark' } };
export const drop: Expression = { drop: null };
export const accept: Expression = { accept: null };

/** To a chain of ours without a hook, and not back. */
export function goTo(target: string): Expression {
  return { goto: { target } };
}

export function equal(left: Json, right: Json): Expression {
  return { match: { op: '==', left, right } };
}

export function unequal(left: Json, right: Json): Expression {
  return { match: { op: '!=', left, right } };
}

export function meta(key: string, value: Json): Expression {
  return equal({ meta: { key } }, value);
}

export function oneOf(values: readonly Json[]): Json {
  return { set: values };
}

export function masked(value: Json, mask: number): Json {
  return { '&': [value, mask] };
}

export function field(protocol: string, name: string): Json {
  return { payload: { protocol, field: name } };
}

export function state(...states: readonly string[]): Expression {
  return { match: { op: 'in', left: { ct: { key: 'state' } }, right: states } };
}

/** What is looked up by a key; a rule ends where nothing is found. */
export function lookup(key: Json, map: string): Json {
  return { map: { key, data: `@${map}` } };
}

export function ports({ first, last }: PortRange): Json {
  return first === last ? first : { range: [first, last] };
}

/** `10.0.0.0/24`, or an address by itself. */
export function network(text: string): Json {
  const [addr = '', length] = text.split('/');
  return length === undefined ? addr : { prefix: { addr, len: Number(length) } };
}

/** A name that nft knows a protocol by, from an address of it. */
export function familyName(address: string): 'ip' | 'ip6' {
  return isIPv6(address.split('/')[0] ?? '') ? 'ip6' : 'ip';
}

export const TCP_AND_UDP = meta('l4proto', oneOf(['tcp', 'udp']));
/** A packet of a connection that was translated by such a mark. */
export const OURS = equal(masked(ctMark, MARK_MASK), MARK);
