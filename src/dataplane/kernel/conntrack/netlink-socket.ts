/** A socket to a part of the kernel, netfilter if no other (netlink(7)); needs CAP_NET_ADMIN. The kernel answers while it is asked. */
import { PoolgateError } from '../../../lib/errors.ts';
import {
  AF_NETLINK,
  EINTR,
  EPERM,
  errno,
  errorText,
  Memory,
  MSG_DONTWAIT,
  NETLINK_NETFILTER,
  SOCK_CLOEXEC,
  SOCK_RAW,
  sys,
} from '../../proxy/libc.ts';
import { type Message, messagesIn, NLMSG_DONE, NLMSG_ERROR, viewOf } from './netlink.ts';

/** The kernel fills a datagram of a dump up to 32 KB. */
const BUFFER = 65_536;
const SOCKADDR_NL = 12;

/** Of the socket that was closed last: one is opened every few seconds, and garbage of this size is collected late. */
let spare: Memory | null = null;

function takeBuffer(): Memory {
  const taken = spare ?? new Memory(BUFFER);
  spare = null;
  return taken;
}

export class NetlinkSocket {
  private readonly fd: number;
  private readonly buffer = takeBuffer();
  private readonly sender = new Memory(SOCKADDR_NL + 4);
  private sequence = 0;

  /** @throws PoolgateError SYSTEM */
  constructor(protocol: number = NETLINK_NETFILTER) {
    this.fd = sys.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
    if (this.fd < 0) throw failed('open a netlink socket', errno());
    const own = new Memory(SOCKADDR_NL);
    new DataView(own.bytes.buffer).setUint16(0, AF_NETLINK, true);
    if (sys.bind(this.fd, own.address, SOCKADDR_NL) < 0) {
      const code = errno();
      sys.close(this.fd);
      throw failed('bind a netlink socket', code);
    }
  }

  /** @returns the sequence number by which answers are known */
  send(encode: (sequence: number) => Uint8Array): number {
    this.sequence = (this.sequence + 1) >>> 0;
    const request = encode(this.sequence);
    this.buffer.bytes.set(request);
    if (sys.send(this.fd, this.buffer.address, request.length, 0) < 0)
      throw failed('ask the kernel by netlink', errno());
    return this.sequence;
  }

  /**
   * The messages of the next datagram that answers; what does not come from the kernel or answers another is left out.
   * They are good until the socket is used again.
   */
  *receive(sequence: number): Generator<Message> {
    const view = new DataView(this.sender.bytes.buffer);
    view.setUint32(SOCKADDR_NL, SOCKADDR_NL, true);
    const { address } = this.sender;
    const length = sys.recvfrom(
      this.fd,
      this.buffer.address,
      BUFFER,
      MSG_DONTWAIT,
      address,
      address + SOCKADDR_NL,
    );
    if (length < 0) {
      const code = errno();
      if (code === EINTR) return;
      throw failed('hear from the kernel by netlink', code);
    }
    // Another process may write to this socket too; the kernel's number is 0.
    if (view.getUint32(4, true) !== 0) return;
    const own = this.buffer.bytes.subarray(0, length);
    for (const message of messagesIn(own)) if (message.sequence === sequence) yield message;
  }

  close(): void {
    sys.close(this.fd);
    spare = this.buffer;
  }
}

/** The error number that a message carries, 0 for an acknowledgement; null: it is not one of those. */
export function errorOf({ type, payload }: Message): number | null {
  if (type !== NLMSG_ERROR && type !== NLMSG_DONE) return null;
  return payload.length < 4 ? 0 : -viewOf(payload).getInt32(0, true);
}

export function failed(what: string, code: number): PoolgateError {
  if (code === EPERM) {
    const hint = 'Run Poolgate as root or with CAP_NET_ADMIN, or write dataPlane: proxy.';
    return new PoolgateError('SYSTEM', `Cannot ${what}: this process lacks CAP_NET_ADMIN.`, { hint });
  }
  return new PoolgateError('SYSTEM', `Cannot ${what}: ${errorText(code)}`);
}
