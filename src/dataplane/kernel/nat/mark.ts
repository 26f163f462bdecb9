/**
 * What the deciding half tells the translating half about a packet: a number in skb->mark, set at TC ingress, which
 * the first packet of a connection carries to prerouting; conntrack keeps a copy (ct mark) for as long as it knows
 * the connection. `0x50` says that it is ours, so that marks of others (policy routing, containers) never look alike.
 */

export const MARK = 0x50000000;
/** The bits that say whether a mark is ours. */
export const MARK_MASK = 0xff000000;
export const SOURCE_MASK = 0x00ff0000;
export const TARGET_MASK = 0x0000ffff;

/** Source 0: the client's own address stays (half-NAT). */
export const OWN_SOURCE = 0;
/** Numbers of sources and targets start at 1; the highest of each belong to the two marks below. */
export const MOST_SOURCES = 254;
export const MOST_TARGETS = 65_534;

/** Answer the SYN with a reset; a datagram is dropped. */
export const REJECT_MARK = 0x50ffffff;
/** A reset that we send ourselves: not to be tracked, or conntrack would drop it as belonging to no connection. */
export const RESET_MARK = 0x50fffffe;

/**
 * @param source 0 to 254; 0: the client's own address stays
 * @param target 1 to 65534
 * @throws RangeError
 */
export function markOf(source: number, target: number): number {
  if (!Number.isInteger(source) || source < 0 || source > MOST_SOURCES) {
    throw new RangeError(`no source has the number ${source}`);
  }
  if (!Number.isInteger(target) || target < 1 || target > MOST_TARGETS) {
    throw new RangeError(`no target has the number ${target}`);
  }
  return MARK + source * 0x10000 + target;
}

/** Null of a mark that is not ours, or that names no target. */
export function readMark(mark: number): { readonly source: number; readonly target: number } | null {
  const target = mark & TARGET_MASK;
  const source = (mark & SOURCE_MASK) >>> 16;
  if ((mark & MARK_MASK) >>> 0 !== MARK || target < 1 || target > MOST_TARGETS || source > MOST_SOURCES) {
    return null;
  }
  return { source, target };
}
