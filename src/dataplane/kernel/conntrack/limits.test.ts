import { describe, expect, it } from 'vitest';
import {
  enableAccounting,
  fullTable,
  nearlyFull,
  requireRoom,
  type Sysctls,
  trackedConnections,
} from './limits.ts';
import { CTA_TUPLE_ORIG, CTA_TUPLE_REPLY, encodeTuple, NFGENMSG, type Tuple } from './entry.ts';
import { joined } from './netlink.ts';
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

/** As conntrack tells of a connection whose client's port and source port are this one. */
function entry(port: number, reply: Partial<Tuple> = {}): Uint8Array {
  const [client, source, server, vip] = ['192.0.2.10', '10.0.0.44', '10.0.0.41', '192.0.2.40'];
  const original = { protocol: 'tcp', from: client, fromPort: port, to: vip, toPort: 5061 } as const;
  const back = { protocol: 'tcp', from: server, fromPort: 5061, to: source, toPort: port } as const;
  return joined([
    new Uint8Array(NFGENMSG),
    encodeTuple(CTA_TUPLE_ORIG, original),
    encodeTuple(CTA_TUPLE_REPLY, { ...back, ...reply }),
  ]);
}

describe('source ports', () => {
  it('are counted by source, protocol and port of a server, each connection once', () => {
    const uses = new PortUses();
    for (const port of [1, 2, 2, 65_535]) uses.add(entry(port));
    uses.add(entry(4, { fromPort: 444 }));
    uses.add(entry(5, { protocol: 'udp' }));
    // Half-NAT.
    uses.add(entry(6, { to: '192.0.2.10' }));
    // Not well formed.
    for (const length of [0, 3, 60, entry(7).length - 1]) uses.add(entry(7).subarray(0, length));
    expect(uses.list().map(({ protocol, serverPort, used }) => [protocol, serverPort, used])).toEqual([
      ['tcp', 5061, 3],
      ['tcp', 444, 1],
      ['udp', 5061, 1],
    ]);
  });

  it('are counted anew after each look, and what is not found any more is not listed', () => {
    const uses = new PortUses();
    const six = { from: '2001:db8::41', to: '2001:db8::44' };
    for (const port of [1, 2]) uses.add(entry(port));
    uses.add(entry(3, { fromPort: 444 }));
    for (let look = 0; look < 2; look += 1) {
      uses.clear();
      uses.add(entry(2));
      expect(uses.list()).toEqual([
        { source: '10.0.0.44', protocol: 'tcp', server: '10.0.0.41', serverPort: 5061, used: 1 },
      ]);
    }
    uses.clear();
    uses.add(entry(9, six));
    expect(uses.list()).toEqual([
      { source: six.to, protocol: 'tcp', server: six.from, serverPort: 5061, used: 1 },
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
