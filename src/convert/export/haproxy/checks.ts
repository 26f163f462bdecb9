/**
 * All checks of a pool as one sequence, because a server has one: a step that fails ends it, so a server is up when all
 * of them are good. HTTP alone is spoken by `option httpchk`; beside others it is text, because HAProxy mixes no types.
 */
import { formatDuration } from '../../../model/duration.ts';
import type { EffectivePool, EffectiveService, HealthCheck } from '../../../model/effective.ts';
import type { Page } from '../page.ts';
import { httpSteps } from './http-steps.ts';
import { connectLine } from './connect-line.ts';
import type { Section } from './sections.ts';
import { textSteps } from './text-steps.ts';

export interface Checking {
  /** Whether servers are checked, or track those that are. */
  readonly any: boolean;
  /** For `default-server`, with a space before. */
  readonly options: string;
}

export function writeChecks(page: Page, section: Section, service: EffectiveService): Checking {
  const { pool, tracks } = section;
  const checks = pool.healthChecks.filter(({ type }) => type !== 'stun');
  const [first] = checks;
  if (tracks !== null || !first) {
    if (tracks === null) stunRemarks(page, pool);
    return { any: first !== undefined, options: '' };
  }
  stunRemarks(page, pool);
  const web = checks.every(({ type }) => type === 'http' || type === 'https');
  page.line(web ? 'option httpchk' : 'option tcp-check');
  const timeoutMs = Math.max(...checks.map((check) => check.timeoutMs));
  page.line(`timeout check ${formatDuration(timeoutMs)}`);
  for (const [i, check] of pool.healthChecks.entries()) {
    if (check.type === 'stun') continue;
    const place = { page, check, at: `pools[${pool.name}].healthChecks[${i}]`, vip: service.vip };
    if (web) httpSteps(place);
    else {
      page.line(connectLine('tcp-check', check));
      textSteps(place);
    }
  }
  return { any: true, options: pace(page, pool, checks, service) + trust(page, pool, checks) };
}

function stunRemarks(page: Page, pool: EffectivePool): void {
  for (const [i, { type, port }] of pool.healthChecks.entries()) {
    if (type === 'stun') page.remark('stunCheck', `pools[${pool.name}].healthChecks[${i}]`, `stun ${port}`);
  }
}

function pace(
  page: Page,
  pool: EffectivePool,
  checks: readonly HealthCheck[],
  { connectTimeoutMs }: EffectiveService,
): string {
  const at = `pools[${pool.name}].healthChecks`;
  const kinds = new Set(checks.map((c) => JSON.stringify([c.intervalMs, c.timeoutMs, c.rise, c.fall])));
  if (kinds.size > 1) page.remark('paceMixed', at);
  const interval = Math.min(...checks.map(({ intervalMs }) => intervalMs));
  const bound = Math.min(connectTimeoutMs, interval);
  for (const [i, { timeoutMs }] of pool.healthChecks.entries()) {
    if (timeoutMs === bound) continue;
    page.remark('probeTimeout', `${at}[${i}].timeout`, formatDuration(timeoutMs), formatDuration(bound));
    break;
  }
  const rise = Math.max(...checks.map((check) => check.rise));
  const fall = Math.min(...checks.map((check) => check.fall));
  return ` inter ${formatDuration(interval)} rise ${rise} fall ${fall}`;
}

/** Whom TLS checks trust. HAProxy refuses them unless it is told. */
function trust(page: Page, pool: EffectivePool, checks: readonly HealthCheck[]): string {
  const wishes = checks.flatMap(({ tls }) => tls ?? []);
  if (wishes.length === 0) return '';
  const at = `pools[${pool.name}].healthChecks`;
  for (const [i, { tls }] of pool.healthChecks.entries()) {
    if (tls && tls.minDaysLeft > 0)
      page.remark('minDaysLeft', `${at}[${i}].minDaysLeft`, `${tls.minDaysLeft}`);
  }
  const verifying = wishes.filter(({ verify }) => verify);
  const [first] = verifying;
  if (!first) return ' verify none';
  const same = verifying.length === wishes.length && verifying.every((w) => w.caFile === first.caFile);
  if (!same) page.remark('verifyMixed', at);
  return ` verify required ca-file ${first.caFile ?? '@system-ca'}`;
}
