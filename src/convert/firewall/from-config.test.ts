import { describe, expect, it } from 'vitest';
import { firewallOf, OCS, short } from './testing.ts';

const flows = (text: string, wanted: RegExp) =>
  short(firewallOf(text).flows).filter((line) => wanted.test(line));

const VIP_PORTS = [80, 135, 443, 444, 5060, 5061, 5065, 5069, 5071, 5072, 5073, 5074, 8404];

describe('the flows of an Enterprise pool', () => {
  it('let clients come to what is theirs on the VIP, and servers to all of it', () => {
    expect(flows(OCS, /^clients>vip/)).toEqual(
      [80, 443, 5060, 5061].map((port) => `clients>vip-ocs ${port}/tcp`).toSorted(),
    );
    expect(flows(OCS, /^servers>vip/)).toEqual(
      VIP_PORTS.map((port) => `servers>vip-ocs ${port}/tcp`).toSorted(),
    );
    expect(flows(OCS, /^administrators>/)).toEqual(['administrators>vip-ocs 135/tcp']);
  });

  it('let SNAT addresses come to the servers, and the balancer itself for checks', () => {
    expect(flows(OCS, /^snat/)).toEqual(
      VIP_PORTS.map((port) => `snat-ocs>pool-ocspool ${port}/tcp`).toSorted(),
    );
    expect(flows(OCS, /^balancer/)).toEqual([
      'balancer>pool-ocspool 444/tcp',
      'balancer>pool-ocspool 5061/tcp',
    ]);
  });

  it('have what goes past the VIP: media, web conferences, conferencing servers, the directory', () => {
    expect(flows(OCS, /^clients>pool|^pool/)).toEqual([
      'clients>pool-ocspool 49152-65535/udp',
      'clients>pool-ocspool 8057/tcp',
      'pool-ocspool>clients 1024-65535/udp',
      'pool-ocspool>directory 135/tcp',
      'pool-ocspool>servers 49152-65535/udp',
      'pool-ocspool>servers 5060/tcp',
      'pool-ocspool>servers 5061/tcp',
    ]);
    expect(flows(OCS, /^servers>pool/)).toEqual([
      'servers>pool-ocspool 49152-65535/udp',
      'servers>pool-ocspool 5062/tcp',
      'servers>pool-ocspool 5063/tcp',
      'servers>pool-ocspool 5064/tcp',
    ]);
  });

  it('know the addresses that the config has, and those that they are given', () => {
    const ends = new Map(
      firewallOf(OCS, { clients: ['10.1.0.0/16'], servers: ['10.0.0.50'] }).flows.flatMap(({ from, to }) => [
        [from.id, from],
        [to.id, to],
      ]),
    );
    expect(ends.get('vip-ocs')).toMatchObject({ addresses: ['10.0.0.40'], open: false });
    expect(ends.get('snat-ocs')).toMatchObject({ addresses: ['10.0.0.44', '10.0.0.45'], open: false });
    expect(ends.get('pool-ocspool')).toMatchObject({ addresses: ['10.0.0.41', '10.0.0.42'], local: true });
    expect(ends.get('servers')).toMatchObject({
      addresses: ['10.0.0.41', '10.0.0.42', '10.0.0.50'],
      open: false,
    });
    expect(ends.get('clients')).toMatchObject({ addresses: ['10.1.0.0/16'], open: false });
    expect(ends.get('balancer')).toMatchObject({ addresses: [], open: true });
  });
});

const GENERIC = (more: string) => `
version: 1
topology: { mode: two-armed, clientInterface: a0, serverInterface: b0, serverAddress: 192.168.0.40/24 }
pools:
  - name: apps
    realServers: [{ name: a1, address: 192.168.0.61 }]
    healthChecks: [{ type: stun, port: 3478 }]
    fallback: { address: 192.168.0.99 }
virtualServices:
  - { name: apps, vip: 10.0.0.60, pool: apps, ports: [{ port: 443, serverPort: 4443 }, { port: 50000-50019, protocol: udp }], ${more} }
`;

describe('the flows of any pool', () => {
  it('follow mapped ports, ranges, UDP, the fallback and the address on the side of the servers', () => {
    expect(short(firewallOf(GENERIC('nat: full')).flows)).toEqual([
      'balancer>pool-apps 3478/udp',
      'clients>vip-apps 443/tcp',
      'clients>vip-apps 50000-50019/udp',
      'snat-apps>fallback-apps 4443/tcp',
      'snat-apps>fallback-apps 50000-50019/udp',
      'snat-apps>pool-apps 4443/tcp',
      'snat-apps>pool-apps 50000-50019/udp',
    ]);
  });

  it('have the clients come to the servers themselves with half-NAT', () => {
    const half = GENERIC('nat: half').replace('version: 1', 'version: 1\ndataPlane: kernel');
    expect(short(firewallOf(half).flows)).toEqual([
      'balancer>pool-apps 3478/udp',
      'clients>fallback-apps 4443/tcp',
      'clients>fallback-apps 50000-50019/udp',
      'clients>pool-apps 4443/tcp',
      'clients>pool-apps 50000-50019/udp',
      'clients>vip-apps 443/tcp',
      'clients>vip-apps 50000-50019/udp',
    ]);
  });
});

it('where DNS balances all but the web, clients come to the servers for the rest', () => {
  const text = OCS.replace('ocs-2007-r2/enterprise-pool', 'sfb-2019/front-end-dns-lb');
  expect(flows(text, /^clients>.* (443|444|5061|8057)\//)).toEqual([
    'clients>pool-ocspool 5061/tcp',
    'clients>pool-ocspool 8057/tcp',
    'clients>vip-ocs 443/tcp',
  ]);
});

const AV = `
version: 1
dataPlane: kernel
topology: { mode: two-armed, clientInterface: a0, serverInterface: b0, serverAddress: 203.0.113.1/24 }
pools:
  - { name: av, profile: PROFILE, realServers: [{ name: e1, address: 203.0.113.31 }] }
virtualServices:
  - { name: av, vip: 198.51.100.30, pool: av }
`;

it('A/V Edge Servers: media past the VIP, and clients seen as they are where NAT of them is not allowed', () => {
  const past = [
    'outside>pool-av 50000-59999/tcp',
    'pool-av>outside 3478/udp',
    'pool-av>outside 443/tcp',
    'pool-av>outside 50000-59999/tcp',
  ];
  const vip = ['outside>vip-av 3478/udp', 'outside>vip-av 443/tcp'];
  const sfb = short(firewallOf(AV.replace('PROFILE', 'sfb-2019/edge-external-av')).flows);
  expect(sfb.filter((line) => !line.startsWith('balancer'))).toEqual(
    [
      ...past,
      ...vip,
      'outside>pool-av 443/tcp',
      'outside>pool-av 3478/udp',
      'outside>pool-av 50000-59999/udp',
      'pool-av>outside 50000-59999/udp',
    ].toSorted(),
  );
  const ocs = AV.replace('PROFILE', 'ocs-2007-r2/edge-external-av').replace(
    'pool: av }',
    'pool: av, nat: full }',
  );
  expect(short(firewallOf(ocs).flows).filter((line) => !line.startsWith('balancer'))).toEqual(
    [...past, ...vip, 'snat-av>pool-av 443/tcp', 'snat-av>pool-av 3478/udp'].toSorted(),
  );
});
