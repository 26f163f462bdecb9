import type { Clock } from '../lib/clock.ts';
import { type HttpWishes, NO_HTTP_WISHES } from '../model/effective.ts';
import { hostOf } from './host.ts';
import { readAnswer } from './http-answer.ts';
import type { ProbeOutcome, ProbeTarget } from './probe.ts';
import { converse, type Script } from './stream.ts';

/** GET over HTTP/1.1 (RFC 9110, RFC 9112), by TLS when the check has wishes about it. */
export function probeHttp(target: ProbeTarget, clock: Clock, signal: AbortSignal): Promise<ProbeOutcome> {
  return converse(target, httpScript(target), clock, signal);
}

function httpScript(target: ProbeTarget): Script {
  const wishes = target.http ?? NO_HTTP_WISHES;
  return {
    tls: target.tls ?? null,
    alpn: ['http/1.1'],
    opened: () => requestOf(target, wishes),
    ...readAnswer(wishes),
  };
}

function requestOf(target: ProbeTarget, wishes: HttpWishes): string {
  const usual = target.tls ? 443 : 80;
  const host = wishes.host ?? hostOf(target.address);
  return [
    `GET ${wishes.path} HTTP/1.1`,
    `Host: ${target.port === usual ? host : `${host}:${target.port}`}`,
    'User-Agent: Poolgate',
    'Accept: */*',
    // A text is looked for in the body as it is.
    'Accept-Encoding: identity',
    'Connection: close',
    '\r\n',
  ].join('\r\n');
}
