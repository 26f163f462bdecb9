/** What is asked of conntrack. Pure. */
import { familyOf } from '../../../network/family.ts';
import { AF_INET, AF_INET6 } from '../../proxy/libc.ts';
import { MARK, MARK_MASK } from '../nat/mark.ts';
import {
  CTA_ID,
  CTA_MARK,
  CTA_MARK_MASK,
  CTA_TUPLE_ORIG,
  encodeNumber,
  encodeTuple,
  NFGENMSG,
  type Tuple,
} from './entry.ts';
import { encodeMessage, joined, NLM_F_ACK, NLM_F_DUMP, NLM_F_REQUEST } from './netlink.ts';

const SUBSYSTEM = 1 << 8;
export const CT_NEW = SUBSYSTEM;
const CT_GET = SUBSYSTEM | 1;
const CT_DELETE = SUBSYSTEM | 2;
const ANY_FAMILY = 0;

/** All connections that we translate, of both families; the kernel leaves out those of others. */
export function dumpRequest(sequence: number): Uint8Array<ArrayBuffer> {
  return encodeMessage({
    type: CT_GET,
    flags: NLM_F_REQUEST | NLM_F_DUMP,
    sequence,
    payload: payload(ANY_FAMILY, encodeNumber(CTA_MARK, MARK), encodeNumber(CTA_MARK_MASK, MARK_MASK)),
  });
}

/** @param tuple as the client sees it */
export function getRequest(sequence: number, tuple: Tuple): Uint8Array<ArrayBuffer> {
  return encodeMessage({
    type: CT_GET,
    flags: NLM_F_REQUEST,
    sequence,
    payload: payload(familyNumber(tuple), encodeTuple(CTA_TUPLE_ORIG, tuple)),
  });
}

/**
 * A delete always names a tuple: without one the kernel forgets every connection of the machine. With the id it deletes
 * this one, and not another that has taken its place meanwhile.
 */
export function deleteRequest(sequence: number, tuple: Tuple, id: number | null): Uint8Array<ArrayBuffer> {
  const which = id === null ? [] : [encodeNumber(CTA_ID, id)];
  return encodeMessage({
    type: CT_DELETE,
    flags: NLM_F_REQUEST | NLM_F_ACK,
    sequence,
    payload: payload(familyNumber(tuple), encodeTuple(CTA_TUPLE_ORIG, tuple), ...which),
  });
}

function familyNumber(tuple: Tuple): number {
  return familyOf(tuple.from) === 6 ? AF_INET6 : AF_INET;
}

function payload(family: number, ...attributes: readonly Uint8Array[]): Uint8Array {
  const head = new Uint8Array(NFGENMSG);
  head[0] = family;
  return joined([head, ...attributes]);
}
