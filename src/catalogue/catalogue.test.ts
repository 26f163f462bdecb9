import { describe, expect, it, test } from 'vitest';
import { CATALOGUE } from './catalogue.ts';
import { DOCUMENTS } from './documents.ts';
import { portRow, portsText } from './row.ts';
import { ROLE_NAMES, rolesNamed, serversOf } from './roles.ts';

describe('the catalogue', () => {
  it('has whole port numbers in order, a purpose, and a document for every row', () => {
    for (const row of CATALOGUE) {
      const name = `${row.product}/${row.role} ${portsText(row)}/${row.transport}`;
      expect(Number.isInteger(row.port) && row.port >= 1, name).toBe(true);
      expect(row.portEnd >= row.port && row.portEnd <= 65535, name).toBe(true);
      expect(row.purpose, name).toMatch(/^[A-Z].{9,}[^.]$/);
      expect(row.sources.length, name).toBeGreaterThan(0);
      expect(row.peers.length, name).toBeGreaterThan(0);
    }
  });

  it('says nothing twice', () => {
    const keys = CATALOGUE.map(
      (r) => `${r.product}/${r.role} ${portsText(r)}/${r.transport} ${r.direction} ${r.peers.join()}`,
    );
    expect(keys.filter((key, at) => keys.indexOf(key) !== at)).toEqual([]);
  });

  it('uses every document and every role', () => {
    const cited = new Set(CATALOGUE.flatMap((r) => r.sources.map((s) => s.document)));
    expect(Object.keys(DOCUMENTS).filter((key) => !cited.has(key as never))).toEqual([]);
    const used = new Set(CATALOGUE.map((r) => r.role));
    expect(ROLE_NAMES.filter((role) => !used.has(role))).toEqual([]);
  });

  it('has the thirteen ports of the Enterprise pool, at the servers as on the VIP', () => {
    const ALL = [80, 135, 443, 444, 5060, 5061, 5065, 5069, 5071, 5072, 5073, 5074, 8404];
    for (const role of ['front-end', 'load-balancer-front-end']) {
      const ports = CATALOGUE.filter(
        (r) => r.product === 'ocs-2007-r2' && r.role === role && r.loadBalanced,
      ).map((r) => r.port);
      expect(ports.toSorted((a, b) => a - b)).toEqual(ALL);
    }
  });
});

test('a row as JSON names its documents, and what one of them has wrong', () => {
  const media = CATALOGUE.find((r) => r.role === 'front-end' && r.transport === 'udp');
  if (!media) throw new Error('There is no such row');
  expect(portRow(media)).toEqual({
    product: 'ocs-2007-r2',
    role: 'front-end',
    port: 49152,
    portEnd: 65535,
    transport: 'udp',
    protocol: 'RTP',
    direction: 'both',
    purpose: 'Audio and video, between clients and the server that has the conference',
    loadBalanced: false,
    source:
      'OCSpedia, Ports and Protocols in OCS 2007 R2 (8 February 2009): Front End Servers, 49152-65335 UDP, media',
    correction:
      'OCSpedia, Ports and Protocols in OCS 2007 R2 (8 February 2009) writes 49152-65335: a misprint of 49152-65535, the range of Microsoft',
  });
});

test('a role goes by the names that documents and profiles use', () => {
  expect(rolesNamed('front-end')).toEqual(['front-end']);
  expect(rolesNamed('Load Balancer for Front End Servers')).toEqual(['load-balancer-front-end']);
  expect(rolesNamed('enterprise-pool')).toEqual(['load-balancer-front-end']);
  expect(rolesNamed('Edge')).toEqual(['edge-internal', 'edge-external']);
  expect(rolesNamed('toString')).toEqual([]);
  expect(ROLE_NAMES.map(serversOf).filter((role) => !ROLE_NAMES.includes(role))).toEqual([]);
});
