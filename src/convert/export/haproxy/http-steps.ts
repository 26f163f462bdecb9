/** A check by HTTP as `http-check` rules. */
import type { HealthCheck } from '../../../model/effective.ts';
import { NO_HTTP_WISHES } from '../../../model/effective.ts';
import type { Page } from '../page.ts';
import { connectLine } from './connect-line.ts';
import { LONGEST_TEXT, quoted } from './quote.ts';

export interface CheckPlace {
  readonly page: Page;
  readonly check: HealthCheck;
  /** Such as `pools[web].healthChecks[0]`. */
  readonly at: string;
  /** Of the first service, for a SIP URI that has no name. */
  readonly vip: string;
}

export function httpSteps({ page, check, at }: CheckPlace): void {
  const { path, host, expectStatus, expectBody } = check.http ?? NO_HTTP_WISHES;
  page.line(connectLine('http-check', check));
  if (host === null) page.remark('httpHost', at, `${check.type} ${check.port}`);
  const named = host === null ? 'ver HTTP/1.0' : `ver HTTP/1.1 hdr Host ${host}`;
  page.line(`http-check send meth GET uri ${fitting(page, at, 'path', path) ?? '/'} ${named}`);
  page.line(`http-check expect status ${expectStatus?.join(',') ?? '200-399'}`);
  const body = expectBody === null ? null : fitting(page, at, 'expectBody', expectBody);
  if (body === null) return;
  page.remark('expectBody', `${at}.expectBody`);
  page.line(`http-check expect string ${body}`);
}

/** Quoted; null, with a remark, where the line would be too long. */
export function fitting(page: Page, at: string, key: string, text: string): string | null {
  const word = quoted(text);
  if (Buffer.byteLength(word) <= LONGEST_TEXT) return word;
  page.remark('longText', `${at}.${key}`, `of ${text.length} signs`);
  return null;
}
