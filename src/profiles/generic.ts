/** Profiles of no maker: the usual ports of a protocol, and a check that speaks it. */
import { OWN } from './documents.ts';
import type { Profile, ProfilePort, Sourced } from './profile.ts';
import type { CheckType, Protocol } from '../model/effective.ts';

interface Row {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly port?: Pick<ProfilePort, 'port' | 'protocol'> & { readonly transports: readonly Protocol[] };
  readonly check?: CheckType;
  readonly idle?: Sourced<string>;
  readonly source: string;
}

const SIP_IDLE = {
  value: '30m',
  source:
    'RFC 3261, section 18 (connections are kept open), and registrations that are renewed within half an hour',
};

const ROWS: readonly Row[] = [
  {
    name: 'tcp',
    title: 'Any TCP service',
    description:
      'Names no ports and no values of its own: each virtual service lists its `ports`, and a server is up when it accepts ' +
      'connections on the first of them.',
    source: OWN,
  },
  {
    name: 'udp',
    title: 'Any UDP service',
    description:
      'Names no ports: each virtual service lists its own, such as `{ port: 53, protocol: udp }`. UDP alone shows nothing of the health of a ' +
      'server, so the pool needs `healthChecks`, of a TCP port or `stun`.',
    source: OWN,
  },
  {
    name: 'sip',
    title: 'SIP over TCP',
    description: 'SIP servers and proxies that answer OPTIONS on 5060.',
    port: { port: 5060, protocol: 'sip', transports: ['tcp'] },
    check: 'sip',
    idle: SIP_IDLE,
    source: 'RFC 3261, section 18.1.1 (port); section 11 (OPTIONS)',
  },
  {
    name: 'sips',
    title: 'SIP over TLS',
    description: 'SIP servers and proxies that complete a TLS handshake on 5061 and answer OPTIONS.',
    port: { port: 5061, protocol: 'sips', transports: ['tcp'] },
    check: 'sip',
    idle: SIP_IDLE,
    source: 'RFC 3261, section 18.1.1 (port); section 11 (OPTIONS)',
  },
  {
    name: 'https',
    title: 'HTTPS',
    description:
      'Web servers on 443, without looking into TLS. A server is up when it completes a handshake; a check of type `https` asks for a page.',
    port: { port: 443, protocol: 'https', transports: ['tcp'] },
    check: 'tls',
    source: 'RFC 9110, section 4.2.2',
  },
  {
    name: 'http',
    title: 'HTTP',
    description: 'Web servers on 80. A server is up when it answers a GET of `/` with 200 to 399.',
    port: { port: 80, protocol: 'http', transports: ['tcp'] },
    check: 'http',
    source: 'RFC 9110, section 4.2.1',
  },
  {
    name: 'rdp',
    title: 'Remote Desktop',
    description:
      'Remote Desktop over TCP and UDP 3389; a client comes back to its server, also by the other protocol.',
    port: { port: 3389, protocol: 'rdp', transports: ['tcp', 'udp'] },
    check: 'tcp',
    idle: { value: '8h', source: `${OWN}: a working day, because people leave sessions open` },
    source: 'IANA, ms-wbt-server',
  },
  {
    name: 'stun',
    title: 'STUN and TURN',
    description: 'STUN servers on 3478, over UDP and TCP. A server is up when it answers a Binding request.',
    port: { port: 3478, protocol: 'stun', transports: ['udp', 'tcp'] },
    check: 'stun',
    source: 'RFC 8489, section 18.5 (port)',
  },
];

export const GENERIC: readonly Profile[] = ROWS.map(profileOf);

function profileOf({ name, title, description, port, check, idle, source }: Row): Profile {
  const both = (port?.transports.length ?? 0) > 1;
  const persistence = {
    value: 'source-ip',
    rule: 'R6',
    source: `${OWN}: one client speaks over both protocols to one server`,
  } as const;
  return {
    name: `generic/${name}`,
    title,
    description,
    product: null,
    options: {},
    ports: (port?.transports ?? []).map((transport) => ({
      port: port?.port ?? 0,
      protocol: port?.protocol ?? 'other',
      transport,
      purpose: `${title} (${transport.toUpperCase()})`,
      need: 'required',
      source,
      ...(both ? { persistence } : {}),
    })),
    ...(port && check ? { checks: [{ type: check, port: port.port, source: `${OWN}; ${source}` }] } : {}),
    ...(idle ? { idleTimeout: idle } : {}),
    notes: [],
  };
}
