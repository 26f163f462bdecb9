/** Every code that a finding can have beside the numbers of rules (src/rules), with what it means; the reference page of errors is made from it. */
import type { Severity } from './findings.ts';

interface FindingCode {
  readonly severity: Severity;
  readonly meaning: string;
}

export const FINDING_CODES = {
  CONFIG_SYNTAX: {
    severity: 'error',
    meaning: 'The file is not YAML, or not the plain part of YAML that a config uses.',
  },
  CONFIG_TOO_LARGE: { severity: 'error', meaning: 'The file is larger than 256 KiB.' },
  CONFIG_DUPLICATE_KEY: { severity: 'error', meaning: 'A key is there twice in one map.' },
  CONFIG_UNKNOWN_KEY: { severity: 'error', meaning: 'There is no such key; mostly a typing error.' },
  CONFIG_MISSING_KEY: { severity: 'error', meaning: 'A key that is required is not there.' },
  CONFIG_INVALID: { severity: 'error', meaning: 'A value is of the wrong kind or outside its bounds.' },
  NOT_AVAILABLE: {
    severity: 'error',
    meaning:
      'The format has this key or value, but this version does not do it yet. It is refused, never ignored.',
  },
  CONFIG_DUPLICATE_NAME: { severity: 'error', meaning: 'Two things of one kind have the same name.' },
  CONFIG_UNKNOWN_POOL: {
    severity: 'error',
    meaning: 'A virtual service names a pool that is not in the file.',
  },
  CONFIG_UNKNOWN_PROFILE: { severity: 'error', meaning: 'A pool names a profile that does not exist.' },
  CONFIG_UNKNOWN_OPTION: {
    severity: 'error',
    meaning: 'A pool sets an option that its profile does not have.',
  },
  CONFIG_NO_PORTS: {
    severity: 'error',
    meaning: 'A virtual service lists no ports, and its pool has no profile that names some.',
  },
  CONFIG_PORT_OVERFLOW: {
    severity: 'error',
    meaning: 'A range of ports is mapped beyond 65535 on the servers.',
  },
  CONFIG_DUPLICATE_PORT: {
    severity: 'error',
    meaning: 'Two entries, of one virtual service or of two, want the same VIP and port.',
  },
  CONFIG_TOO_MANY_PORTS: {
    severity: 'error',
    meaning: 'The virtual services have more than 100000 ports in all.',
  },
  CONFIG_ADMIN_PORT: {
    severity: 'error',
    meaning: 'A virtual service wants the address and port of the admin API.',
  },
  CONFIG_SNAT_PORTS_ALONE: {
    severity: 'error',
    meaning: 'A virtual service has source ports and no addresses that they could be of.',
  },
  CONFIG_SNAT_FAMILY: {
    severity: 'error',
    meaning: 'A SNAT pool has no address of the family (IPv4, IPv6) of a real server or fallback.',
  },
  CONFIG_SNAT_TOO_LARGE: { severity: 'error', meaning: 'A SNAT pool has more than 256 addresses in all.' },
  CONFIG_SERVER_IS_VIP: {
    severity: 'error',
    meaning:
      'A real server or fallback has the address of a VIP. With the same port connections would come back to the ' +
      'balancer without end; with other ports it is a warning.',
  },
  CONFIG_DUPLICATE_ADDRESS: {
    severity: 'error',
    meaning:
      'Two real servers of a pool have the same address. When it is that of the fallback, it is a warning.',
  },
  CONFIG_DUPLICATE_CHECK: {
    severity: 'error',
    meaning: 'A pool has two health checks of the same type and port.',
  },
  CONFIG_UNUSED_CHECK_KEY: {
    severity: 'error',
    meaning: 'A health check has a key that a check of its type does not use.',
  },
  CONFIG_CHECK_NAME: {
    severity: 'error',
    meaning: 'A health check is to verify a certificate, and neither it nor its pool has a name for it.',
  },
  CONFIG_CA_FILE: {
    severity: 'error',
    meaning: 'The file of trusted certificates of a health check cannot be read, or has none in it.',
  },
  CONFIG_TOPOLOGY_KEY: {
    severity: 'error',
    meaning: 'The topology has a key that its mode does not use, or lacks one that it needs.',
  },
  CONFIG_SERVER_NETWORK: {
    severity: 'error',
    meaning:
      "A real server is not in the servers' network, that of `topology.serverAddress`. With a bridge (`transparent`) it is a " +
      'warning.',
  },
  CONFIG_ADDRESS_TWICE: {
    severity: 'error',
    meaning:
      'One address is to be two things: VIP, SNAT address, `serverAddress`, gateway, or that of a real server or fallback.',
  },
  CONFIG_NAT: {
    severity: 'error',
    meaning: 'The NAT mode of a virtual service cannot work in this topology or with these ports.',
  },
  CONFIG_NEEDS_KERNEL: {
    severity: 'error',
    meaning:
      'The config asks for something that only the kernel data plane does, and for the proxy data plane.',
  },
  CONFIG_KERNEL: {
    severity: 'error',
    meaning: 'The config asks for the kernel data plane, and for something that it cannot do.',
  },
  CONFIG_UNUSED_POOL: { severity: 'warning', meaning: 'No virtual service uses the pool.' },
  CONFIG_NO_SERVERS: { severity: 'warning', meaning: 'A pool has no real server.' },
  CONFIG_NO_SERVICES: { severity: 'warning', meaning: 'There is no virtual service, so nothing is served.' },
  CONFIG_ALL_WEIGHTS_ZERO: {
    severity: 'warning',
    meaning: 'All servers of a pool have weight 0 and so drain.',
  },
  CONFIG_NO_HEALTH_CHECKS: {
    severity: 'warning',
    meaning:
      'A pool has an empty list of health checks, or UDP ports only and no list: servers that are dead still get ' +
      'connections.',
  },
  CONFIG_FALLBACK_PORT: {
    severity: 'error',
    meaning:
      'A fallback with a port of its own stands behind ports of SIP, and clients would be led to something that does not ' +
      'speak it. A warning where the port is not one of the web, or no profile says what the service speaks.',
  },
  CONFIG_SLOW_PROBE: {
    severity: 'warning',
    meaning: 'A probe may take longer than the interval of its check, and then delays the next one.',
  },
} as const satisfies Record<string, FindingCode>;

export type FindingCodeName = keyof typeof FINDING_CODES;
