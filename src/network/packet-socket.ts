/** Frames of one protocol on one interface, as they are on the wire (packet(7)); needs CAP_NET_RAW. */
import {
  AF_PACKET,
  EACCES,
  EPERM,
  errno,
  errorText,
  Memory,
  MSG_DONTWAIT,
  PACKET_ADD_MEMBERSHIP,
  PACKET_MR_ALLMULTI,
  SO_ATTACH_FILTER,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOL_PACKET,
  SOL_SOCKET,
  sys,
} from '../dataplane/proxy/libc.ts';
import { PoolgateError } from '../lib/errors.ts';
import { missingCapability } from './iproute.ts';
import { ETHERTYPE_IPV6, ICMPV6, NEIGHBOUR_ADVERTISEMENT, NEIGHBOUR_SOLICITATION } from './ndp.ts';

export interface PacketSocket {
  /** False when the frame could not be sent now: the queue is full, or the link is down. */
  send(frame: Uint8Array): boolean;
  /** The next frame that came, or null; never waits. */
  receive(): Uint8Array | null;
  close(): void;
}

/** Longer frames are cut; neither ARP nor neighbour discovery has any. */
const LONGEST_FRAME = 1536;
const SOCKADDR_LL = 20;
const PACKET_MREQ = 16;
const SOCK_FPROG = 16;

/** @throws PoolgateError ADDRESS_FORBIDDEN, SYSTEM */
export function openPacketSocket(interfaceIndex: number, etherType: number): PacketSocket {
  // Without a protocol it receives nothing: the filter is in place before the first frame is.
  const fd = sys.socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) throw socketError('socket');
  try {
    if (etherType === ETHERTYPE_IPV6) keepNeighbourDiscovery(fd);
    hearMulticast(fd, interfaceIndex);
    const address = sockaddr(interfaceIndex, etherType);
    if (sys.bind(fd, address.address, SOCKADDR_LL) < 0) throw socketError('bind');
  } catch (error) {
    sys.close(fd);
    throw error;
  }
  const buffer = new Memory(LONGEST_FRAME);
  return {
    send: (frame) => {
      buffer.bytes.set(frame);
      return sys.send(fd, buffer.address, frame.length, MSG_DONTWAIT) === frame.length;
    },
    receive: () => {
      const length = sys.recv(fd, buffer.address, LONGEST_FRAME, MSG_DONTWAIT);
      return length < 0 ? null : buffer.bytes.slice(0, length);
    },
    close: () => void sys.close(fd),
  };
}

function sockaddr(interfaceIndex: number, etherType: number): Memory {
  const address = new Memory(SOCKADDR_LL);
  const view = new DataView(address.bytes.buffer);
  view.setUint16(0, AF_PACKET, true);
  view.setUint16(2, etherType);
  view.setInt32(4, interfaceIndex, true);
  return address;
}

/** Others' probes go to a group that this machine is in only once it has the address; ends with the socket. */
function hearMulticast(fd: number, interfaceIndex: number): void {
  const request = new Memory(PACKET_MREQ);
  const view = new DataView(request.bytes.buffer);
  view.setInt32(0, interfaceIndex, true);
  view.setUint16(4, PACKET_MR_ALLMULTI, true);
  if (sys.setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, request.address, PACKET_MREQ) < 0) {
    throw socketError('setsockopt PACKET_ADD_MEMBERSHIP');
  }
}

const LOAD_BYTE = 0x30;
const JUMP_IF_EQUAL = 0x15;
const RETURN = 0x06;
const NEXT_HEADER_AT = 20;
const ICMP_TYPE_AT = 54;

/** Code, steps to skip if true, if false, operand (linux/filter.h). */
const NEIGHBOUR_DISCOVERY_ONLY = [
  [LOAD_BYTE, 0, 0, NEXT_HEADER_AT],
  [JUMP_IF_EQUAL, 0, 4, ICMPV6],
  [LOAD_BYTE, 0, 0, ICMP_TYPE_AT],
  [JUMP_IF_EQUAL, 1, 0, NEIGHBOUR_SOLICITATION],
  [JUMP_IF_EQUAL, 0, 1, NEIGHBOUR_ADVERTISEMENT],
  [RETURN, 0, 0, 0xffff],
  [RETURN, 0, 0, 0],
] as const;

/** Beside all the traffic of a busy interface the few frames that matter would find the socket's buffer full. */
function keepNeighbourDiscovery(fd: number): void {
  const code = new Memory(8 * NEIGHBOUR_DISCOVERY_ONLY.length);
  const codeView = new DataView(code.bytes.buffer);
  NEIGHBOUR_DISCOVERY_ONLY.forEach(([operation, ifTrue, ifFalse, operand], i) => {
    codeView.setUint16(8 * i, operation, true);
    codeView.setUint8(8 * i + 2, ifTrue);
    codeView.setUint8(8 * i + 3, ifFalse);
    codeView.setUint32(8 * i + 4, operand, true);
  });
  const program = new Memory(SOCK_FPROG);
  const view = new DataView(program.bytes.buffer);
  view.setUint16(0, NEIGHBOUR_DISCOVERY_ONLY.length, true);
  view.setBigUint64(8, BigInt(code.address), true);
  if (sys.setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, program.address, SOCK_FPROG) < 0) {
    throw socketError('setsockopt SO_ATTACH_FILTER');
  }
}

function socketError(call: string): PoolgateError {
  const code = errno();
  if (code === EPERM || code === EACCES) {
    return missingCapability('CAP_NET_RAW', 'Cannot check for duplicates of addresses and announce them');
  }
  return new PoolgateError('SYSTEM', `Cannot open a packet socket (${call}): ${errorText(code)}`);
}
