import { expect, test } from 'vitest';
import { manualClock } from '../lib/manual-clock.ts';
import { arpAnnouncement, arpProbe } from './arp.ts';
import { findDuplicates, LISTEN_MS, PROBE_TIMES_MS } from './duplicates.ts';
import { macBytes } from './family.ts';
import { neighbourAnnouncement } from './ndp.ts';

const OURS = '02:00:5e:00:53:01';
const OTHER = '02:00:5e:00:53:99';
const link = { index: 2, mac: OURS };

/** A link on which `answer` says what comes back to a frame. */
function wire(answer: (frame: Uint8Array) => Uint8Array[], canSend = true) {
  const sent: Uint8Array[] = [];
  const waiting: Uint8Array[] = [];
  let opened = 0;
  const open = () => {
    opened++;
    return {
      send: (frame: Uint8Array) => {
        if (canSend) sent.push(frame);
        if (canSend) waiting.push(...answer(frame));
        return canSend;
      },
      receive: () => waiting.shift() ?? null,
      close: () => void opened--,
    };
  };
  return { sent, waiting, open, opened: () => opened };
}

async function check(addresses: readonly string[], network: ReturnType<typeof wire>) {
  const clock = manualClock();
  const finding = findDuplicates(addresses, link, { clock, ownMacs: new Set([OURS]), open: network.open });
  await clock.advance(LISTEN_MS);
  const found = await finding;
  expect(network.opened()).toBe(0);
  expect(clock.pending()).toBe(0);
  return found;
}

test('silence means that nobody has it; each address is asked for as often as said', async () => {
  const network = wire(() => []);
  expect(await check(['10.0.0.40', '2001:db8::40'], network)).toEqual({ owners: new Map(), unasked: [] });
  expect(network.sent).toHaveLength(2 * PROBE_TIMES_MS.length);
});

test('who answers is named, for both families; asking stops then', async () => {
  const arp = wire(() => [arpAnnouncement(macBytes(OTHER), '10.0.0.40')]);
  expect((await check(['10.0.0.40', '10.0.0.41'], arp)).owners).toEqual(new Map([['10.0.0.40', OTHER]]));
  expect(arp.sent).toHaveLength(1 + PROBE_TIMES_MS.length + 0);
  const nd = wire(() => [neighbourAnnouncement(macBytes(OTHER), '2001:db8::40')]);
  expect((await check(['2001:db8::40'], nd)).owners).toEqual(new Map([['2001:db8::40', OTHER]]));
});

test('another machine that asks for it at the same time is about to have it', async () => {
  const network = wire(() => [arpProbe(macBytes(OTHER), '10.0.0.40')]);
  expect((await check(['10.0.0.40'], network)).owners.get('10.0.0.40')).toBe(OTHER);
});

test('our own frames that come back, and what others say of other addresses, mean nothing', async () => {
  const network = wire((frame) => [frame, arpAnnouncement(macBytes(OTHER), '10.0.0.41'), new Uint8Array(3)]);
  expect((await check(['10.0.0.40'], network)).owners.size).toBe(0);
});

test('a flood is read piece by piece, and what is in it is still found', async () => {
  const flood = Array.from({ length: 5000 }, () => arpAnnouncement(macBytes(OTHER), '10.0.0.41'));
  const network = wire(() => []);
  network.waiting.push(...flood, arpAnnouncement(macBytes(OTHER), '10.0.0.40'));
  expect((await check(['10.0.0.40'], network)).owners.get('10.0.0.40')).toBe(OTHER);
});

test('what cannot be sent is not taken for an answer', async () => {
  expect(
    (
      await check(
        ['10.0.0.40'],
        wire(() => [], false),
      )
    ).unasked,
  ).toEqual(['10.0.0.40']);
});

test('a socket that cannot be opened leaves none behind', async () => {
  const network = wire(() => []);
  let first = true;
  const open = () => {
    if (!first) throw new Error('no');
    first = false;
    return network.open();
  };
  const parts = { clock: manualClock(), ownMacs: new Set<string>(), open };
  await expect(findDuplicates(['10.0.0.40', '2001:db8::40'], link, parts)).rejects.toThrow('no');
  expect(network.opened()).toBe(0);
});
