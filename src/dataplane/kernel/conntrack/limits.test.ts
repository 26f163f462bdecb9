import { describe, expect, it } from 'vitest';
import {
  enableAccounting,
  fullTable,
  nearlyFull,
  requireRoom,
  type Sysctls,
  trackedConnections,
} from './limits.ts';
import type { Entry } from './entry.ts';
import { portsFree, PortUses } from './source-ports.ts';

function fake(values: Record<string, number>): Sysctls {
  return {
    read: (name) => values[name] ?? null,
    write: (name, value) => {
      values[name] = value;
    },
  };
}

describe('room in conntrack', () => {
  it('is read from the system', () => {
    expect(trackedConnections(fake({ nf_conntrack_count: 3, nf_conntrack_max: 9 }))).toEqual({
      count: 3,
      max: 9,
    });
    expect(() => trackedConnections(fake({}))).toThrow('it has no nf_conntrack');
  });

  it('is low from 80 %', () => {
    expect(nearlyFull({ count: 79, max: 100 })).toBe(false);
    expect(nearlyFull({ count: 80, max: 100 })).toBe(true);
  });

  it('that does not suffice is refused with the arithmetic', () => {
    const room = { count: 0, max: 262_144 };
    expect(() => requireRoom(262_144, room)).not.toThrow();
    expect(() => requireRoom(262_145, room)).toThrow(
      'maxConnections add up to 262145; the kernel tracks at most 262144',
    );
  });

  it('accounting is put back as it was', () => {
    const values = { nf_conntrack_acct: 0 };
    const undo = enableAccounting(fake(values));
    expect(values.nf_conntrack_acct).toBe(1);
    enableAccounting(fake(values))();
    expect(values.nf_conntrack_acct).toBe(1);
    undo();
    expect(values.nf_conntrack_acct).toBe(0);
  });
});

function entry(id: number, reply: Partial<Entry['reply']> = {}): Entry {
  return {
    id,
    original: { protocol: 'tcp', from: '192.0.2.10', fromPort: id, to: '192.0.2.40', toPort: 5061 },
    reply: { protocol: 'tcp', from: '10.0.0.41', fromPort: 5061, to: '10.0.0.44', toPort: id, ...reply },
    mark: 0x50010001,
    expiresS: 1,
    tcpState: 'TIME_WAIT',
    originalTraffic: null,
    replyTraffic: null,
  };
}

describe('source ports', () => {
  it('are counted by source, protocol and port of a server, each connection once', () => {
    const uses = new PortUses();
    for (const id of [1, 2, 2, 3]) uses.add(entry(id));
    uses.add(entry(4, { fromPort: 444 }));
    uses.add(entry(5, { protocol: 'udp' }));
    // Half-NAT.
    uses.add(entry(6, { to: '192.0.2.10' }));
    expect(uses.list().map(({ protocol, serverPort, used }) => [protocol, serverPort, used])).toEqual([
      ['tcp', 5061, 3],
      ['tcp', 444, 1],
      ['udp', 5061, 1],
    ]);
  });

  it('are few from 80 %', () => {
    const use = { source: '10.0.0.44', protocol: 'tcp', server: '10.0.0.41', serverPort: 5061 } as const;
    const hundred = { first: 1, last: 100 };
    expect(portsFree({ ...use, used: 79 }, hundred)).toEqual({ free: 21, nearlyFull: false });
    expect(portsFree({ ...use, used: 80 }, hundred)).toEqual({ free: 20, nearlyFull: true });
    expect(portsFree({ ...use, used: 101 }, hundred)).toEqual({ free: 0, nearlyFull: true });
  });
});

it('a table is full a little before its last entry', () => {
  expect(fullTable({ count: 900, max: 1000 })).toBeNull();
  expect(fullTable({ count: 995, max: 1000 })).toBe("The kernel's table of connections is full: 995 of 1000");
});
