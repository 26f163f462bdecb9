/** Samples that several rules share. */

/** Two Front End Servers, all from the profile. */
export const LEAST = `pools:
  - name: ocspool
    profile: ocs-2007-r2/enterprise-pool
    realServers: [{ name: fe01, address: 10.0.0.41 }, { name: fe02, address: 10.0.0.42 }]
virtualServices:
  - { name: ocs, vip: 10.0.0.40, pool: ocspool }
`;

export const NAMED = `pools:
  - name: ocspool
    profile: ocs-2007-r2/enterprise-pool
    fqdn: ocspool.contoso.com
    realServers:
      - { name: ocsfe01, fqdn: ocsfe01.contoso.com, address: 10.0.0.41 }
      - { name: ocsfe02, fqdn: ocsfe02.contoso.com, address: 10.0.0.42 }
virtualServices:
  - { name: ocs, vip: 10.0.0.40, pool: ocspool }
`;

export const CHECKED = `pools:
  - name: ocspool
    profile: ocs-2007-r2/enterprise-pool
    healthChecks:
      - { type: tcp, port: 5061, interval: 5s, timeout: 3s, rise: 2, fall: 3 }
      - { type: tcp, port: 444, interval: 5s, timeout: 3s, rise: 2, fall: 3 }
`;

export const FULL_NAT = `virtualServices:
  - { name: ocs, vip: 10.0.0.40, pool: ocspool, nat: full }
`;

export const TWO_ARMED = `topology:
  mode: two-armed
  clientInterface: eth0
  serverInterface: eth1
  serverAddress: 192.168.0.40/24
  routing: true
  filter:
    - { from: 192.168.0.0/24, to: 10.0.0.60, protocol: tcp, ports: "135" }
    - { to: 192.168.0.0/24, protocol: udp, ports: "49152-65535" }
pools:
  - name: ocspool
    profile: ocs-2007-r2/enterprise-pool
    realServers: [{ name: fe01, address: 192.168.0.41 }, { name: fe02, address: 192.168.0.42 }]
`;
