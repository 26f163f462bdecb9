/** Every result word, shown by servers that behave in one particular way each; they share no code with the probes. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { realClock } from '../lib/clock.ts';
import { NO_HTTP_WISHES, NO_SIP_WISHES, NO_TLS_WISHES } from '../model/effective.ts';
import { CHECK_RESULTS, GOOD_RESULTS } from '../state/contract.ts';
import type { Behaviour } from './planted/behaviour.ts';
import { type Certificates, makeCertificates } from './planted/certificates.ts';
import { HOST } from './planted/listen.ts';
import { sipBehaviours } from './planted/sip.ts';
import { STUN } from './planted/stun.ts';
import { TCP, tlsBehaviours } from './planted/tcp-and-tls.ts';
import { webBehaviours } from './planted/web.ts';
import { PROBES, type ProbeOutcome, type ProbeTarget } from './probe.ts';

/** Long enough for a busy machine; what never answers is given less. */
const TIMEOUT_MS = 5000;
const SHORT_MS = 700;
/** Settling late by more than this is a failure, busy machine or not. */
const GRACE_MS = 1500;

const certificates: Certificates = await makeCertificates();
const BEHAVIOURS = [
  ...TCP,
  ...tlsBehaviours(certificates),
  ...webBehaviours(certificates),
  ...sipBehaviours(certificates),
  ...STUN,
];
let handlesBefore = 0;
beforeAll(() => void (handlesBefore = sockets()));
afterAll(() => certificates.remove());

function sockets(): number {
  return process.getActiveResourcesInfo().filter((name) => /TCP|UDP|TLS/.test(name)).length;
}

function targetOf(behaviour: Behaviour, port: number): ProbeTarget {
  const { type, result, waits = false, tls, http, sip } = behaviour;
  const timeoutMs = waits || result.endsWith('TOUT') ? SHORT_MS : TIMEOUT_MS;
  const secured = tls !== undefined || type === 'tls' || type === 'https';
  return {
    address: HOST,
    port,
    timeoutMs,
    ...(secured ? { tls: { ...NO_TLS_WISHES, ...tls } } : {}),
    ...(type === 'http' || type === 'https' ? { http: { ...NO_HTTP_WISHES, ...http } } : {}),
    ...(type === 'sip' ? { sip: { ...NO_SIP_WISHES, ...sip } } : {}),
  };
}

async function ask(behaviour: Behaviour): Promise<{ outcome: ProbeOutcome; target: ProbeTarget }> {
  const planted = await behaviour.plant();
  try {
    const target = targetOf(behaviour, planted.port);
    const outcome = await PROBES[behaviour.type](target, realClock, new AbortController().signal);
    return { outcome, target };
  } finally {
    planted.close();
  }
}

test.concurrent.each(BEHAVIOURS.map((b) => [b.type, b.server, b.result, b] as const))(
  '%s: %s: %s',
  async (type, _, result, behaviour) => {
    const { outcome, target } = await ask(behaviour);
    expect(outcome).toMatchObject({ result });
    expect(outcome.good).toBe(result === 'SOCKERR' ? null : GOOD_RESULTS[type] === result);
    expect(outcome.text).toMatch(exactly(behaviour.text ?? /^/));
    expect(outcome.durationMs).toBeLessThan(target.timeoutMs + GRACE_MS);
  },
);

function exactly(text: string | RegExp): RegExp {
  return typeof text === 'string'
    ? new RegExp(`^${text.replaceAll(/[^A-Za-z0-9 ]/g, String.raw`\$&`)}$`)
    : text;
}

test('there are more than sixty of them, and every word a probe can say is shown', () => {
  expect(BEHAVIOURS.length).toBeGreaterThanOrEqual(60);
  const shown = new Set(BEHAVIOURS.map((b) => b.result));
  expect([...shown].sort()).toEqual(CHECK_RESULTS.filter((word) => word !== 'INI').toSorted());
});

test('nothing of them is left', async () => {
  await expect.poll(sockets, { timeout: 10_000 }).toBeLessThanOrEqual(handlesBefore);
});
