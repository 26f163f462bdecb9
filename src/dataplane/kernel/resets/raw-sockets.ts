/**
 * Packets with headers of our own making (raw(7)); needs CAP_NET_RAW. They are routed as any other, and carry a mark by
 * which our table keeps conntrack off them: it would hold a reset from the VIP for the first packet of a connection
 * that does not exist.
 */
import { isIPv6 } from 'node:net';
import { PoolgateError } from '../../../lib/errors.ts';
import {
  AF_INET,
  AF_INET6,
  EPERM,
  errno,
  errorText,
  IPPROTO_RAW,
  Memory,
  MSG_DONTWAIT,
  SO_MARK,
  SOCK_CLOEXEC,
  SOCK_RAW,
  SOL_SOCKET,
  setOption,
  sys,
} from '../../proxy/libc.ts';
import { encodeSockaddr } from '../../proxy/sockaddr.ts';
import { RESET_MARK } from '../nat/mark.ts';

const LONGEST = 128;
const SOCKADDR_IN6 = 28;

export class RawSockets {
  private readonly four: number;
  private readonly six: number;
  private readonly packet = new Memory(LONGEST);
  private readonly destination = new Memory(SOCKADDR_IN6);

  /** @throws PoolgateError SYSTEM */
  constructor() {
    this.four = open(AF_INET);
    try {
      this.six = open(AF_INET6);
    } catch (error) {
      sys.close(this.four);
      throw error;
    }
  }

  /** @returns false when it could not be sent: no route to there, or no room in a queue; errno says which */
  send(packet: Uint8Array, to: string): boolean {
    if (packet.length > LONGEST) throw new RangeError(`a packet of ${packet.length} bytes is no reset`);
    const address = encodeSockaddr(to, 0);
    this.packet.bytes.set(packet);
    this.destination.bytes.set(address);
    const fd = isIPv6(to) ? this.six : this.four;
    const { packet: from, destination } = this;
    const sent = sys.sendto(
      fd,
      from.address,
      packet.length,
      MSG_DONTWAIT,
      destination.address,
      address.length,
    );
    return sent === packet.length;
  }

  close(): void {
    sys.close(this.four);
    sys.close(this.six);
  }
}

function open(family: number): number {
  const fd = sys.socket(family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
  if (fd < 0) throw failed('CAP_NET_RAW');
  if (setOption(fd, SOL_SOCKET, SO_MARK, RESET_MARK) < 0) {
    const error = failed('CAP_NET_ADMIN');
    sys.close(fd);
    throw error;
  }
  return fd;
}

function failed(capability: string): PoolgateError {
  const code = errno();
  if (code !== EPERM) return new PoolgateError('SYSTEM', `Cannot open a raw socket: ${errorText(code)}`);
  const hint = `Run Poolgate as root or with ${capability}, or write dataPlane: proxy.`;
  return new PoolgateError('SYSTEM', `Cannot send resets: this process lacks ${capability}.`, { hint });
}
