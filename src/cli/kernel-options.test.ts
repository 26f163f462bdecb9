import { expect, it } from 'vitest';
import { configWith, load } from '../config/testing.ts';
import { type PlaneNetwork, planeNetwork } from './kernel-options.ts';

function network(topology: string): PlaneNetwork {
  return planeNetwork(load(configWith({ head: `topology: { ${topology} }` })).effective.topology);
}

function closed(...interfaces: string[]) {
  return { interfaces, ipv4: [], ipv6: [] };
}

const TWO = 'mode: two-armed, clientInterface: eth0, serverInterface: eth1';

it('one arm: nothing is forwarded but what is translated', () => {
  expect(network('interface: eth0')).toEqual({
    interfaces: ['eth0'],
    serversInterface: null,
    forwarding: { allow: 'nothing', interfaces: ['eth0'], closed: closed('eth0') },
    noRedirects: ['eth0'],
  });
});

it('two arms: nothing, all, or what the rules say', () => {
  const interfaces = ['eth0', 'eth1'];
  expect(network(TWO)).toMatchObject({ interfaces, forwarding: { allow: 'nothing', interfaces } });
  expect(network(TWO).serversInterface).toBe('eth1');
  expect(network(`${TWO}, routing: true`).forwarding).toEqual({
    allow: 'all',
    closed: closed('eth0', 'eth1'),
  });
  const filter = '{ from: 192.168.0.0/24, to: 10.0.0.53, protocol: tcp, ports: "135" }, { protocol: icmp }';
  expect(network(`${TWO}, routing: true, filter: [${filter}]`).forwarding).toEqual({
    allow: 'rules',
    closed: closed('eth0', 'eth1'),
    interfaces,
    rules: [
      { from: '192.168.0.0/24', to: '10.0.0.53', protocol: 'tcp', ports: { first: 135, last: 135 } },
      { protocol: 'icmp' },
    ],
  });
});

it('transparent: the bridge, and what passes it is not judged', () => {
  expect(network('mode: transparent, bridgePorts: [eth0, eth1], serverAddress: 10.0.0.5/24')).toEqual({
    interfaces: ['poolgate0'],
    serversInterface: null,
    forwarding: { allow: 'all', closed: closed('poolgate0') },
    noRedirects: ['poolgate0'],
  });
});
