/** What a check says and wants to hear, as `tcp-check` rules. */
import { isIPv6 } from 'node:net';
import { NO_HTTP_WISHES, NO_SIP_WISHES } from '../../../model/effective.ts';
import { type CheckPlace, fitting } from './http-steps.ts';
import { literal, quoted, quotedFormat } from './quote.ts';

export function textSteps(place: CheckPlace): void {
  const { type } = place.check;
  if (type === 'http' || type === 'https') http(place);
  if (type === 'sip') sip(place);
}

function http({ page, check, at }: CheckPlace): void {
  const { path, host, expectStatus, expectBody } = check.http ?? NO_HTTP_WISHES;
  if (host === null) page.remark('httpHost', at, `${check.type} ${check.port}`);
  const asked = fitting(page, at, 'path', path) === null ? '/' : path;
  const head = host === null ? `GET ${asked} HTTP/1.0` : `GET ${asked} HTTP/1.1\r\nHost: ${host}`;
  page.line(`tcp-check send ${quoted(`${head}\r\nConnection: close\r\n\r\n`)}`);
  const status = expectStatus?.join('|') ?? '[23][0-9][0-9]';
  page.line(`tcp-check expect rstring ${quoted(`^HTTP/1\\.[01] (${status}) `)}`);
  const body = expectBody === null ? null : fitting(page, at, 'expectBody', expectBody);
  if (body === null) return;
  page.remark('expectBody', `${at}.expectBody`);
  page.line(`tcp-check expect string ${body}`);
}

/** RFC 3261 section 8.1.1: these headers are mandatory; each request has a branch and a Call-ID of its own. */
function sip({ page, check, at, vip }: CheckPlace): void {
  const { domain, expectStatus } = check.sip ?? NO_SIP_WISHES;
  if (domain === null) page.remark('sipDomain', at, `sip ${check.port}`);
  const transport = check.tls ? 'TLS' : 'TCP';
  const uri = `sip:${domain ?? `${isIPv6(vip) ? `[${vip}]` : vip}:${check.port}`}`;
  const request = [
    `OPTIONS ${uri};transport=${transport.toLowerCase()} SIP/2.0`,
    `Via: SIP/2.0/${transport} haproxy.invalid;branch=z9hG4bKUUID;rport`,
    'Max-Forwards: 70',
    'From: <sip:haproxy@haproxy.invalid>;tag=UUID',
    `To: <${uri}>`,
    'Call-ID: UUID@haproxy.invalid',
    'CSeq: 1 OPTIONS',
    'Contact: <sip:haproxy@haproxy.invalid>',
    'Accept: application/sdp',
    'Content-Length: 0',
    '\r\n',
  ].join('\r\n');
  page.line(`tcp-check send-lf ${quotedFormat(request, { UUID: '%[uuid()]' })}`);
  const status = expectStatus?.map((code) => literal(`${code}`)).join('|') ?? '[2-6][0-9][0-9]';
  // A provisional answer may stand before the final one.
  page.line(`tcp-check expect rstring ${quoted(`(^|\\n)SIP/2\\.0 (${status}) `)}`);
}
