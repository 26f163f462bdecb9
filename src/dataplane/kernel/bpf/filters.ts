/** Whether anybody has a filter at the traffic-control hooks of an interface; libbpf can only ask for one that it knows. */
import { NetlinkSocket, errorOf } from '../conntrack/netlink-socket.ts';
import { encodeMessage, NLM_F_DUMP, NLM_F_REQUEST } from '../conntrack/netlink.ts';

const NETLINK_ROUTE = 0;
/** linux/rtnetlink.h */
const RTM_NEWTFILTER = 44;
const RTM_GETTFILTER = 46;
/** struct tcmsg */
const TCMSG = { size: 20, index: 4, parent: 12 } as const;
/** TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS) and _EGRESS (linux/pkt_sched.h). */
const PARENTS = [0xfffffff2, 0xfffffff3];
/** Datagrams of one dump; one that never ends is as good as one with filters. */
const MOST_DATAGRAMS = 64;

/** @throws PoolgateError SYSTEM */
export function hasFilters(interfaceIndex: number): boolean {
  const socket = new NetlinkSocket(NETLINK_ROUTE);
  try {
    return PARENTS.some((parent) => hasFiltersAt(socket, interfaceIndex, parent));
  } finally {
    socket.close();
  }
}

function hasFiltersAt(socket: NetlinkSocket, interfaceIndex: number, parent: number): boolean {
  const payload = new Uint8Array(TCMSG.size);
  const view = new DataView(payload.buffer);
  view.setInt32(TCMSG.index, interfaceIndex, true);
  view.setUint32(TCMSG.parent, parent, true);
  const asked = socket.send((sequence) =>
    encodeMessage({ type: RTM_GETTFILTER, flags: NLM_F_REQUEST | NLM_F_DUMP, sequence, payload }),
  );
  let found = false;
  for (let i = 0; i < MOST_DATAGRAMS; i++) {
    for (const message of socket.receive(asked)) {
      if (message.type === RTM_NEWTFILTER) found = true;
      // The end, or an error: an interface without hooks has no filters.
      if (errorOf(message) !== null) return found;
    }
  }
  return true;
}
