/** The little site of the demo: who is where, on addresses that every Linux machine has and no privilege guards. */

export const POOL = 'ocspool';
export const POOL_FQDN = 'ocspool.contoso.com';
export const DOMAIN = 'contoso.com';
export const VIP = '127.0.0.40';
export const ADMIN_HOST = '127.0.0.1';

/** All of 127/8 is this machine. */
export const SERVERS = [
  { name: 'fe01', address: '127.0.0.41' },
  { name: 'fe02', address: '127.0.0.42' },
  { name: 'fe03', address: '127.0.0.43' },
] as const;

export type ServerName = (typeof SERVERS)[number]['name'];

export function isServerName(name: unknown): name is ServerName {
  return SERVERS.some((server) => server.name === name);
}

export interface Ports {
  readonly sip: number;
  readonly sipTls: number;
  readonly https: number;
  /** Stands for 444: the port that only tells whether the server is well. */
  readonly control: number;
  readonly admin: number;
}

/** 443 and 444 need privileges, so 8443 and 8444 stand for them. */
const USUAL: Ports = { sip: 5060, sipTls: 5061, https: 8443, control: 8444, admin: 9080 };

/** The usual ports, and the next best when another program has one of them; all below the ephemeral ports. */
export const PORT_CHOICES: readonly Ports[] = [0, 10_000, 20_000, 5000, 15_000, 2000, 12_000, 22_000].map(
  (shift) => ({
    sip: USUAL.sip + shift,
    sipTls: USUAL.sipTls + shift,
    https: USUAL.https + shift,
    control: USUAL.control + shift,
    admin: USUAL.admin + shift,
  }),
);

/**
 * The pool as its administrator would write it down. Only the checks' pace differs from what a real pool would have
 * (5 s and 3 s by default): nobody wants to wait for a demo.
 */
export function configText(ports: Ports): string {
  const servers = SERVERS.map(({ name, address }) => `      - { name: ${name}, address: ${address} }`);
  return `# The config of the demo. Ports 443 and 444 need privileges: ${ports.https} and ${ports.control} stand for them.
version: 1
admin: { listen: "${ADMIN_HOST}:${ports.admin}" }
shutdownTimeout: 2s
defaults:
  healthCheck: { interval: 1s, timeout: 500ms, rise: 2, fall: 3 }   # without this line: every 5s, timeout 3s
pools:
  - name: ${POOL}
    fqdn: ${POOL_FQDN}
    healthChecks:                    # one verdict a server: up when both are good
      - { type: tcp, port: ${ports.sipTls} }
      - { type: tcp, port: ${ports.control} }
    realServers:
${servers.join('\n')}
virtualServices:
  - name: ocs
    vip: ${VIP}
    pool: ${POOL}
    scheduler: wlc                   # weighted least-connections
    ports: [${ports.sip}, ${ports.sipTls}, ${ports.https}, ${ports.control}]
`;
}
