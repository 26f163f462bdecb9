import { describe, expect, it } from 'vitest';
import { checksOf, portsOf } from './profile.ts';
import { findProfile, PROFILES } from './profiles.ts';

const ALL = [80, 135, 443, 444, 5060, 5061, 5065, 5069, 5071, 5072, 5073, 5074, 8404];

describe('ocs-2007-r2/enterprise-pool', () => {
  const profile = findProfile('ocs-2007-r2/enterprise-pool');
  if (!profile) throw new Error('There is no such profile');
  const ports = (options = {}): number[] => portsOf(profile, options).map((p) => p.port);
  const checks = (options = {}): number[] | undefined => checksOf(profile, options)?.map((c) => c.port);

  it('has twelve ports and device update', () => {
    expect(ports()).toEqual(ALL);
    expect(checks()).toEqual([5061, 444]);
  });

  it('checks plain SIP where it is said to be used, and takes it off the VIP where it is said not to be', () => {
    expect(ports({ plainSip: true })).toEqual(ALL);
    expect(checks({ plainSip: true })).toEqual([5060, 5061, 444]);
    expect(ports({ plainSip: false })).toEqual(ALL.filter((p) => p !== 5060));
    expect(checks({ plainSip: false })).toEqual([5061, 444]);
  });

  it('leaves out what is switched off', () => {
    expect(ports({ monitoringServer: false })).toEqual(ALL.filter((p) => p !== 5069));
    expect(ports({ deviceUpdate: false })).toEqual(ALL.filter((p) => p !== 80));
  });

  it('balances, waits and rewrites as the servers need', () => {
    expect([profile.scheduler?.value, profile.idleTimeout?.value, profile.nat?.value]).toEqual([
      'wlc',
      '30m',
      'full',
    ]);
  });
});

describe.each(PROFILES)('$name', (profile) => {
  it('has a source for every value, and refers only to its own options', () => {
    const { scheduler, idleTimeout, nat, verdict, limits } = profile;
    const parts = [...profile.ports, ...(profile.checks ?? []), ...Object.values(profile.options)];
    const settings = [scheduler, idleTimeout, nat, verdict, limits?.idleAtLeast, limits?.intervalAtLeast];
    const said = [...parts, ...settings].filter((part) => part !== undefined);
    expect(said.filter((part) => part.source === '')).toEqual([]);
    const used = [...profile.ports, ...(profile.checks ?? [])].flatMap((p) => p.option ?? []);
    expect(used.filter((option) => !(option in profile.options))).toEqual([]);
  });

  it('names each port once, and checks only ports that it has', () => {
    const ports = profile.ports.map((p) => p.port);
    expect(new Set(ports).size).toBe(ports.length);
    for (const check of profile.checks ?? []) expect(ports).toContain(check.port);
  });
});
