import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Clock } from '../lib/clock.ts';
import { NO_SIP_WISHES } from '../model/effective.ts';
import { hostOf } from './host.ts';
import type { ProbeOutcome, ProbeTarget } from './probe.ts';
import { type Transaction, readSip } from './sip-answer.ts';
import { converse, type Script } from './stream.ts';

/** OPTIONS (RFC 3261 11) over TCP, or TLS when the check has wishes about it. Any final answer shows that SIP is alive. */
export function probeSip(target: ProbeTarget, clock: Clock, signal: AbortSignal): Promise<ProbeOutcome> {
  return converse(target, sipScript(target), clock, signal);
}

function sipScript(target: ProbeTarget): Script {
  const wishes = target.sip ?? NO_SIP_WISHES;
  const transaction = newTransaction();
  return {
    tls: target.tls ?? null,
    opened: (socket) => optionsRequest(target, wishes.domain, transaction, socket),
    ...readSip(transaction, wishes.expectStatus),
  };
}

function newTransaction(): Transaction {
  const unique = randomBytes(12).toString('hex');
  return {
    // The cookie says that the rest is unique in space and time (RFC 3261 8.1.1.7).
    branch: `z9hG4bK${unique}`,
    callId: `${randomBytes(12).toString('hex')}@poolgate`,
    // Below 2^31 (RFC 3261 8.1.1.5).
    cseq: 1 + (randomBytes(4).readUInt32BE() >>> 2),
  };
}

/** RFC 3261 8.1.1: To, From, CSeq, Call-ID, Max-Forwards and Via are mandatory; 20.14: Content-Length on a stream. */
function optionsRequest(
  target: ProbeTarget,
  domain: string | null,
  { branch, callId, cseq }: Transaction,
  socket: Pick<Socket, 'localAddress' | 'localPort'>,
): string {
  const uri = `sip:${domain ?? `${hostOf(target.address)}:${target.port}`}`;
  const own = hostOf(socket.localAddress ?? 'poolgate.invalid');
  const transport = target.tls ? 'TLS' : 'TCP';
  return [
    `OPTIONS ${uri};transport=${transport.toLowerCase()} SIP/2.0`,
    `Via: SIP/2.0/${transport} ${own}:${socket.localPort ?? 0};branch=${branch};rport`,
    'Max-Forwards: 70',
    `From: <sip:poolgate@${own}>;tag=${branch.slice(-12)}`,
    `To: <${uri}>`,
    `Call-ID: ${callId}`,
    `CSeq: ${cseq} OPTIONS`,
    `Contact: <sip:poolgate@${own}:${socket.localPort ?? 0};transport=${transport.toLowerCase()}>`,
    'Accept: application/sdp',
    'User-Agent: Poolgate',
    'Content-Length: 0',
    '\r\n',
  ].join('\r\n');
}
