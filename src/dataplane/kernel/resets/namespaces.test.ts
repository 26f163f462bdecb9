/** Conntrack and resets in namespaces, with real connections. Needs root. */
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Tuple } from '../conntrack/entry.ts';
import { markOf } from '../nat/mark.ts';
import type { Held } from '../testing/agent.ts';
import { CLIENT, CLIENT6, reasonNotToRun, type Testbed, VIP, VIP6 } from '../testing/namespaces.ts';
import { buildTranslating, deafen, decide, MAPPED, MAPPED_TO, open, PORT } from '../testing/translating.ts';
import { listenAt } from '../testing/wire.ts';

const why = reasonNotToRun();
if (why) process.stderr.write(`SKIPPED: conntrack and resets in namespaces: ${why}\n`);

interface Expected {
  readonly clientExpects: number;
  readonly serverExpects: number;
}

describe.skipIf(why !== '')('conntrack and resets', () => {
  let bed: Testbed;

  beforeAll(async () => {
    bed = await buildTranslating('two-armed');
    bed.inBalancer('account');
  }, 30_000);
  afterAll(() => bed?.close());

  it('lists what we translate and nothing else, with its traffic', async () => {
    await decide(bed, [[MAPPED, [markOf(2, 3)]]]);
    const [held] = await open(bed, 1, MAPPED);
    await bed.client.call('echo', { ids: [held?.id ?? -1] });
    // Tracked too, but not marked: past the balancer's VIP.
    await bed.client.call('connect', { host: bed.servers[0] ?? '', port: PORT });
    const all = bed.inBalancer('dump');
    expect(all).toEqual([
      expect.objectContaining({
        original: tuple(held, MAPPED),
        reply: {
          protocol: 'tcp',
          from: bed.servers[0],
          fromPort: MAPPED_TO,
          to: bed.sources[1],
          toPort: Number(held?.greeting?.split(' ')[1]),
        },
        mark: markOf(2, 3),
        tcpState: 'ESTABLISHED',
      }),
    ]);
    expect(all[0]?.expiresS).toBeGreaterThan(1800);
    expect(all[0]?.originalTraffic?.packets).toBeGreaterThanOrEqual(3);
    expect(all[0]?.replyTraffic?.bytes).toBeGreaterThan(100);
    expect(bed.inBalancer('portUses')).toEqual([
      { source: bed.sources[1], protocol: 'tcp', server: bed.servers[0], serverPort: MAPPED_TO, used: 1 },
    ]);
  });

  it.each([VIP, VIP6])('finds one of %s and deletes it by its id', async (host) => {
    await decide(bed, [[PORT, [host === VIP ? markOf(1, 1) : markOf(5, 11)]]]);
    const [held] = await open(bed, 1, PORT, host);
    const [entry, byWrongId, byId, again, after] = bed.inBalancer('getAndDelete', tuple(held, PORT, host));
    expect(entry?.original).toEqual(tuple(held, PORT, host));
    expect([byWrongId, byId, again, after]).toEqual([false, true, false, null]);
  });

  it('lists 3000 without missing any', async () => {
    await decide(bed, [[PORT, [markOf(1, 1)]]]);
    const held = await open(bed, 3000);
    const listed = new Set(bed.inBalancer('dump').map(({ original }) => original.fromPort));
    expect(held.filter(({ localPort }) => !listed.has(localPort))).toEqual([]);
    await bed.client.call('close', { ids: held.map(({ id }) => id) });
  });

  it('a packet that conntrack finds invalid ends no connection', async () => {
    await decide(bed, [[PORT, [markOf(1, 1)]]]);
    const numbers = await capture(bed);
    const [held] = await open(bed, 1);
    await bed.client.call('echo', { ids: [held?.id ?? -1] });
    const { clientExpects, serverExpects } = await numbers(VIP, held?.localPort ?? 0);
    const [source = '', port] = held?.greeting?.split(' ') ?? [];
    // Untranslated it would come to the balancer itself, whose reset would bear the number that the server expects.
    bed.inServer('question', {
      from: bed.servers[0] ?? '',
      fromPort: PORT,
      to: source,
      toPort: Number(port),
      sequence: (clientExpects + 0x20000000) >>> 0,
      acknowledgement: serverExpects,
    });
    expect(await bed.client.call('echo', { ids: [held?.id ?? -1] })).toBe(1);
    expect((await bed.server.servedStates())[`${source} ${port}`]).toBe('open');
  });

  it.each([
    ['full NAT over IPv4', VIP, markOf(1, 1), 0],
    ['full NAT over IPv6', VIP6, markOf(5, 11), 0],
    ['half-NAT over IPv4', VIP, markOf(0, 1), 0],
    ['half-NAT over IPv6', VIP6, markOf(0, 11), 0],
    // The ends ask, and are answered.
    ['numbers a little ahead', VIP, markOf(1, 1), 3],
    ['numbers a little behind', VIP, markOf(1, 1), -3],
    ['numbers far off', VIP6, markOf(5, 11), 0x40000000],
    ['numbers behind with half-NAT', VIP, markOf(0, 1), -3],
    ['numbers ahead with half-NAT', VIP, markOf(0, 1), 3],
  ])('both ends of a connection are reset: %s', async (_, host, mark, off) => {
    await decide(bed, [[PORT, [mark]]]);
    const numbers = await capture(bed);
    const [held, other] = await open(bed, 2, PORT, host);
    const id = held?.id ?? -1;
    await bed.client.call('echo', { ids: [id] });
    await decide(bed, []);
    const { clientExpects, serverExpects } = await numbers(host, held?.localPort ?? 0);
    const original = tuple(held, PORT, host);
    const found = bed.inBalancer('dump').find((one) => isDeepStrictEqual(one.original, original));
    // With the right numbers it needs no answer from anybody.
    if (off === 0) await deafen(bed);
    const ended = bed.inBalancer('end', {
      original,
      reply: found?.reply ?? original,
      id: found?.id ?? null,
      clientExpects: (clientExpects + off) >>> 0,
      serverExpects: (serverExpects + off) >>> 0,
    });
    expect(ended).toEqual({ toldClient: true, toldServer: true, forgotten: true });
    const [source, port] = held?.greeting?.split(' ') ?? [];
    await expect.poll(() => bed.client.call('states', { ids: [id] })).toEqual(['ECONNRESET']);
    await expect.poll(async () => (await bed.server.servedStates())[`${source} ${port}`]).toBe('ECONNRESET');
    await decide(bed, []);
    expect(await bed.client.call('echo', { ids: [other?.id ?? -1] })).toBe(1);
    expect(bed.inBalancer('dump').some((one) => isDeepStrictEqual(one.original, original))).toBe(false);
  });
});

function tuple(held: Held | undefined, port: number, host = VIP): Tuple {
  const from = host === VIP ? CLIENT : CLIENT6;
  return { protocol: 'tcp', from, fromPort: held?.localPort ?? 0, to: host, toPort: port };
}

/** From what tcpdump printed: one past the last byte of each segment with data, in order. */
function endsOfSent(printed: string, from: string, to: string): number[] {
  return [...printed.matchAll(/(\S+) > (\S+): Flags \[P\.\], seq \d+:(\d+)/g)]
    .filter(([, a, b]) => a === from && b === to)
    .map(([, , , end]) => Number(end));
}

/** What each end expects next: one past the last byte that was sent to it. The BPF half records the same. */
async function capture(bed: Testbed): Promise<(vip: string, port: number) => Promise<Expected>> {
  // With the numbers as they are on the wire.
  const wire = await listenAt(bed, bed.balancer, 'clients', 'tcp', '-S');
  return async (vip, port) => {
    const client = `${vip === VIP ? CLIENT : CLIENT6}.${port}`;
    const server = `${vip}.${PORT}`;
    // The greeting and the echo; and the echo's question.
    await expect.poll(() => endsOfSent(wire.text, server, client).length).toBe(2);
    wire.close();
    return {
      clientExpects: endsOfSent(wire.text, server, client).at(-1) ?? 0,
      serverExpects: endsOfSent(wire.text, client, server).at(-1) ?? 0,
    };
  };
}
