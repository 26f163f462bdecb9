import { describe, expect, it } from 'vitest';
import type { FloodResult } from './flood.ts';
import { floodAccount } from './flood-account.ts';
import type { Packets } from './flood-packets.ts';
import type { Stretch, StretchLabel } from './flood-watch.ts';

const RATE = 1000;

function packets(some: Partial<Packets> = {}): Packets {
  return { syns: 100, synAcks: 100, resetsTo: 0, resetsFrom: 0, strays: 0, ...some };
}

const TROUBLE: StretchLabel = { what: 'port fe01', failed: 'fe01', loses: true };
const CALM: StretchLabel = { what: 'calm after fe01', failed: 'fe01', loses: false };
const DRAIN: StretchLabel = { what: 'drain fe01', failed: null, loses: false };

function stretch(
  label: StretchLabel,
  some: { client?: Partial<Packets>; fe01?: Partial<Packets>; fe02?: Partial<Packets> } = {},
): Stretch {
  const servers = { fe01: packets(some.fe01), fe02: packets(some.fe02) };
  return { ...label, packets: { client: packets(some.client), servers } };
}

function result(errors: Partial<FloodResult['errors']> = {}, more: Partial<FloodResult> = {}): FloodResult {
  const none = { refused: 0, reset: 0, timeout: 0, eof: 0, other: 0 };
  const times = { p50us: 1, p99us: 1, maxUs: 1 };
  return {
    perSecond: RATE,
    wholeCount: 100,
    unfinished: 0,
    ...times,
    ...more,
    errors: { ...none, ...errors },
  };
}

function unexplained(stretches: readonly Stretch[], generator: FloodResult): readonly string[] {
  return floodAccount(stretches, generator, RATE).unexplained;
}

describe('what a failed server explains', () => {
  it('as many resets at clients as it had itself', () => {
    const lost = stretch(TROUBLE, { client: { resetsFrom: 9 }, fe01: { resetsTo: 9 } });
    expect(unexplained([lost, stretch(CALM)], result({ reset: 9 }))).toEqual([]);
  });

  it('and as many as it left SYNs unanswered', () => {
    const lost = stretch(TROUBLE, { client: { resetsFrom: 9 }, fe01: { resetsTo: 5, synAcks: 96 } });
    expect(unexplained([lost], result({ reset: 9 }))).toEqual([]);
  });

  it('but not one more', () => {
    const lost = stretch(TROUBLE, { client: { resetsFrom: 10 }, fe01: { resetsTo: 9 } });
    expect(unexplained([lost], result({ reset: 10 }))).toEqual([
      'port fe01: 10 resets at clients, of which the failed server explains 9',
    ]);
  });

  it('and nothing any more when it is back', () => {
    const late = stretch(CALM, { client: { resetsFrom: 1 }, fe01: { resetsTo: 1 } });
    expect(unexplained([late], result({ reset: 1 }))).toHaveLength(1);
  });
});

describe('what nothing explains', () => {
  it('a reset at a healthy server, whatever else fails', () => {
    const lost = stretch(TROUBLE, { fe01: { resetsTo: 9 }, fe02: { resetsTo: 1 } });
    expect(unexplained([lost], result())).toEqual(['port fe01: 1 resets at healthy servers']);
    expect(floodAccount([lost], result(), RATE).resetsAtHealthyServers).toBe(1);
  });

  it('a reset during a drain, at the drained server too', () => {
    expect(unexplained([stretch(DRAIN, { fe01: { resetsTo: 1 } })], result())).toHaveLength(1);
    expect(unexplained([stretch(DRAIN, { client: { resetsFrom: 1 } })], result())).toHaveLength(1);
  });

  it('a reset that the client sent', () => {
    expect(unexplained([stretch(TROUBLE, { client: { resetsTo: 1 } })], result())).toHaveLength(1);
  });

  it('an error that is no reset, and a reset that was not on the wire', () => {
    expect(unexplained([stretch(TROUBLE)], result({ refused: 1 }))).toEqual([
      'the generator counts 1 refused',
    ]);
    expect(unexplained([stretch(TROUBLE)], result({ eof: 2 }))).toEqual(['the generator counts 2 eof']);
    expect(unexplained([stretch(TROUBLE)], result({ reset: 1 }))).toEqual([
      'the generator counts 1 resets, the wire 0',
    ]);
    expect(unexplained([stretch(TROUBLE)], result({}, { unfinished: 1 }))).toHaveLength(1);
  });

  it('a flood that fell behind its rate', () => {
    expect(unexplained([stretch(CALM)], result({}, { perSecond: 940 }))).toHaveLength(1);
  });
});

it('counts resets that answer strays, and takes no offence', () => {
  const account = floodAccount(
    [stretch(CALM, { client: { strays: 2 }, fe02: { strays: 1 } })],
    result(),
    RATE,
  );
  expect(account).toMatchObject({ strayResets: 3, resetsAtHealthyServers: 0, unexplained: [] });
});
