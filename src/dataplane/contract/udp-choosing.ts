import { expect, test, vi } from 'vitest';
import { type MakeRig, namesOf, udpRig } from './udp-rig.ts';
import { type Traits, turnedAway } from './traits.ts';

const PERSISTENT = { persistenceEntries: 100, persistenceTimeoutMs: 60_000 };

/** Persistence and limits are of flows as they are of connections, and of both together. */
export function udpChoosingContract(make: MakeRig, traits: Traits): void {
  test('flows and connections of a client come to one server', async () => {
    const u = await udpRig(make, [1, 1, 1], { scheduler: 'rr', ...PERSISTENT });
    const names = new Set(await namesOf(await Promise.all(Array.from({ length: 6 }, () => u.dial()))));
    expect(names.size).toBe(1);
    expect(names).toContain(await u.rig.ask());
    expect(['a', 'b', 'c']).toContain(await u.rig.ask('127.3.0.1'));
    expect(u.rig.plane.counters().persistence.get('s')).toMatchObject({ entries: 2 });
  });

  test('an entry lives as long as its flow, and for the timeout after', async () => {
    const u = await udpRig(make, [1], { ...PERSISTENT, persistenceTimeoutMs: 1000, udpIdleMs: 1000 });
    await u.dialMany(1);
    const counters = () => u.rig.plane.counters().persistence.get('s')!.entries;
    expect(counters()).toBe(1);
    await vi.waitUntil(() => u.portCounters().active === 0, { timeout: 5000 });
    expect(counters()).toBe(1);
    await vi.waitUntil(() => counters() === 0, { timeout: 5000 });
  });

  test('the limit of a service counts flows and connections; what is too much is dropped, and counted', async () => {
    const u = await udpRig(make, [1, 1], { maxConnections: 10 });
    const held = await Promise.all(Array.from({ length: 4 }, () => u.rig.hold()));
    await u.dialMany(6);
    const late = await u.dial();
    late.send('?');
    const limited = () => u.rig.plane.counters().ports.find((p) => p.protocol === 'udp')!.atServiceLimit;
    await vi.waitUntil(() => limited() === 1, { timeout: 5000 });
    expect((await u.rig.hold()).name).toBe(turnedAway(traits));
    held[0]!.client?.socket.destroy();
    await vi.waitUntil(() => u.rig.plane.counters().ports.reduce((sum, p) => sum + p.active, 0) === 9);
    expect(await namesOf([late])).toHaveLength(1);
  });

  test('flows that were open before a limit count, and are not cut', async () => {
    const u = await udpRig(make, [1, 1]);
    const flows = await u.dialMany(5);
    await u.setSettings({ connectionsPerSource: 5 });
    expect((await u.rig.hold()).name).toBe(turnedAway(traits));
    expect((await u.rig.hold('127.3.0.2')).name).toMatch(/^[ab]$/);
    expect(await namesOf(flows.map((f) => f.client))).toEqual(flows.map((f) => f.server));
  });
}
