import { expect, test } from 'vitest';
import { type MakeRig, udpRig } from './udp-rig.ts';
import type { Traits } from './traits.ts';

/** Each test has source ports of its own. */
let nextSourcePorts = 0;

/** Where flows to servers come from. */
export function udpSourcesContract(make: MakeRig, traits: Traits): void {
  test('SNAT pool: flows come from its addresses in turn', async () => {
    const u = await udpRig(make, [1], { snat: { addresses: ['127.0.3.11', '127.0.3.12'], ports: null } });
    await u.dialMany(20);
    const peers = [...(u.servers.get('a')?.peers.values() ?? [])].map((peer) => peer.address);
    expect(new Set(peers)).toEqual(new Set(['127.0.3.11', '127.0.3.12']));
    expect((await u.rig.plane.connections()).map((c) => c.source).toSorted()).toEqual(
      [...(u.servers.get('a')?.peers.keys() ?? [])].toSorted(),
    );
  });

  test('SNAT ports: a flow for each port of each address, the next one is refused and counted', async () => {
    const first = 61_500 + (nextSourcePorts += 10);
    const ports = { first, last: first + 9 };
    const u = await udpRig(make, [1], { snat: { addresses: ['127.0.3.21', '127.0.3.22'], ports } });
    const flows = await u.dialMany(20);
    const used = [...(u.servers.get('a')?.peers.values() ?? [])].map((peer) => peer.port);
    expect(used.toSorted((x, y) => x - y)).toEqual(
      Array.from({ length: 20 }, (_, i) => first + Math.floor(i / 2)),
    );
    const uses = await u.rig.plane.sourceUse();
    expect(
      uses.map(({ address, protocol, realServer, used: n }) => [address, protocol, realServer, n]),
    ).toEqual(
      expect.arrayContaining([
        ['127.0.3.21', 'udp', 'a', 10],
        ['127.0.3.22', 'udp', 'a', 10],
      ]),
    );
    const late = await u.dial();
    late.send('?');
    // What translates has chosen a server before it finds no port, and drops the datagram then.
    const active = traits.opensItself ? 20 : 21;
    await expect.poll(() => u.portCounters()).toMatchObject({ active, refused: 21 - active });
    if (!traits.opensItself) return;
    expect(u.rig.counters('a')).toMatchObject({ active: 20, sourceShortages: 1, connectErrors: 0 });
    const listed = (await u.rig.plane.connections()).find((c) => c.client === flows[3]?.client.local);
    await u.rig.plane.reset({ id: listed?.id ?? '' });
    await expect
      .poll(() => {
        late.send('?');
        return u.portCounters().active;
      })
      .toBe(20);
  });
}
