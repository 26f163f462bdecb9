/** A health check as keepalived makes it (keepalived.conf(5)). What it cannot ask it sees at least the open port of. */
import type { CheckType, EffectivePool, HealthCheck } from '../../../model/effective.ts';
import { NO_HTTP_WISHES } from '../../../model/effective.ts';
import type { Page } from '../page.ts';

/** A word of keepalived's file may be long, but not a line. */
export const LONGEST_TEXT = 1000;

const KEYWORD: Readonly<Record<CheckType, string>> = {
  tcp: 'TCP_CHECK',
  tls: 'TCP_CHECK',
  sip: 'TCP_CHECK',
  http: 'HTTP_GET',
  https: 'SSL_GET',
  stun: 'UDP_CHECK',
};

export function writeCheck(page: Page, pool: EffectivePool, check: HealthCheck, number: number): void {
  page.block(
    `${KEYWORD[check.type]} {`,
    () => {
      page.line(`connect_port ${check.port}`);
      page.line(`connect_timeout ${seconds(check.timeoutMs)}`);
      page.line(`delay_loop ${seconds(check.intervalMs)}`);
      page.line(`retry ${check.fall - 1}`);
      page.line(`delay_before_retry ${seconds(check.intervalMs)}`);
      if (check.type === 'stun') writeBinding(page);
      if (check.http) writeGet(page, check, `pools[${pool.name}].healthChecks[${number}]`);
    },
    '}',
  );
}

/** keepalived counts in seconds, and takes six digits behind the point. */
function seconds(ms: number): string {
  return `${ms / 1000}`;
}

function writeGet(page: Page, check: HealthCheck, at: string): void {
  const { path, host, expectStatus, expectBody } = check.http ?? NO_HTTP_WISHES;
  if (check.tls?.serverName) page.line('enable_sni');
  page.line('http_protocol 1.1');
  page.block(
    'url {',
    () => {
      page.line(`path ${fits(page, `${at}.path`, encodedPath(path)) ?? '/'}`);
      page.line(`status_code ${expectStatus?.join(' ') ?? '200-399'}`);
      if (host !== null) page.line(`virtualhost ${host}`);
      const body = expectBody === null ? null : fits(page, `${at}.expectBody`, pattern(expectBody));
      if (body !== null) page.line(`regex "${body}"`);
    },
    '}',
  );
}

function fits(page: Page, at: string, word: string): string | null {
  if (word.length <= LONGEST_TEXT) return word;
  page.remark('longText', at, `of ${word.length} signs`);
  return null;
}

/** What means something in keepalived's file, by its number (RFC 3986 section 2.1). */
function encodedPath(path: string): string {
  return path.replaceAll(/[^\w./?&=:;,+%@~*()-]/gu, (sign) =>
    encodeURIComponent(sign).replaceAll("'", '%27').replaceAll('!', '%21'),
  );
}

/** The text as an expression that fits it alone, with everything by its number that means something anywhere. */
function pattern(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) => {
      const sign = String.fromCharCode(byte);
      // The backslash itself is an escape within quotes.
      return /[A-Za-z0-9]/.test(sign) ? sign : `\\\\x${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');
}

/** A Binding request (RFC 8489 section 5); the answer is a success response with the same transaction. */
function writeBinding(page: Page): void {
  const transaction = '504F4F4C474154452D2D2D2D';
  page.line(`payload 000100002112A442${transaction}`);
  page.line(`require_reply 0101XXXX2112A442${transaction}`);
  page.line('max_reply_length 1500');
}
