/** Front End pools of Lync Server 2010, of which no whole table of its maker is at hand. */
import {
  LIFECYCLE,
  LYNC_2010_KEMP,
  LYNC_2010_NEXTHOP,
  LYNC_2010_TABLE,
  LYNC_2013_BALANCING,
  OCS_REQUIREMENTS,
  OWN,
} from './documents.ts';
import type { Profile, ProfilePort } from './profile.ts';

const WITHIN = { value: 'source-ip', rule: 'R55', source: LYNC_2010_NEXTHOP } as const;

type Row = Pick<ProfilePort, 'port' | 'protocol' | 'purpose' | 'source'> & Partial<ProfilePort>;

const ROWS: readonly Row[] = [
  {
    port: 5061,
    protocol: 'sips',
    purpose: 'SIP over TLS, from clients and servers',
    source: LYNC_2010_TABLE,
  },
  { port: 5060, protocol: 'sip', purpose: 'SIP over TCP', source: LYNC_2010_TABLE, option: 'plainSip' },
  {
    port: 444,
    protocol: 'https',
    purpose: 'Conference state to conferencing servers',
    source: LYNC_2010_TABLE,
  },
  {
    port: 135,
    protocol: 'rpc',
    purpose: 'Moving users and other remote administration over DCOM',
    source: `${LYNC_2010_TABLE} (also with DNS load balancing)`,
  },
  { port: 5065, protocol: 'sip', purpose: 'SIP for application sharing', source: LYNC_2010_KEMP },
  {
    port: 5069,
    protocol: 'sip',
    purpose: 'Quality data to the Monitoring Server',
    source: LYNC_2010_KEMP,
    option: 'monitoringServer',
  },
  {
    port: 443,
    protocol: 'https',
    purpose: 'Web services within: HTTPS',
    source: LYNC_2010_NEXTHOP,
    persistence: WITHIN,
  },
  {
    port: 80,
    protocol: 'http',
    purpose: 'Web services within: HTTP',
    source: `${LYNC_2010_KEMP}; ${LYNC_2010_NEXTHOP}`,
    persistence: WITHIN,
  },
  ...listed('applications', [5071, 5072, 5073, 5074], 'SIP for voice applications'),
  ...listed('collocatedMediation', [5067, 5068, 5070], 'SIP for a Mediation Server on the Front End Servers'),
  ...listed('callAdmissionControl', [448], 'Call admission control'),
];

/** What the vendor calls optional without saying what for: switched by what later versions have on the same ports. */
function listed(option: string, ports: readonly number[], purpose: string): readonly Row[] {
  return ports.map((port) => ({
    port,
    protocol: port === 448 ? 'other' : 'sip',
    purpose,
    source: `${LYNC_2010_KEMP} (optional, and not what for); the purpose is that of later versions`,
    option,
  }));
}

export const lync2010FrontEnd: Profile = {
  name: 'lync-2010/front-end',
  title: 'Lync Server 2010, Front End pool (partial)',
  description: 'Front End Servers behind one VIP, as far as their ports are known for certain.',
  product: 'lync-2010',
  role: 'load-balancer-front-end',
  partial:
    "No whole table of the maker was at hand: the ports are those of a copy of it and of a vendor's guide. What the vendor calls optional is " +
    'off until an option asks for it. Missing are Call Park, Audio Test, Director and Edge, and external web services, which ' +
    'need cookies and so a balancer that ends TLS.',
  support: {
    ended: '2021-04-13',
    text: 'Its maker ended support of Lync Server 2010 on 2021-04-13.',
    source: LIFECYCLE,
  },
  options: {
    plainSip: {
      default: 'unset',
      description:
        'SIP without TLS. Unset: 5060 is on the VIP and not checked. `true`: it is checked too. `false`: it is not on the VIP.',
      source: LYNC_2010_TABLE,
    },
    monitoringServer: {
      default: true,
      description: 'Whether the pool sends quality data to a Monitoring Server: 5069.',
      source: LYNC_2010_KEMP,
    },
    ...Object.fromEntries(
      (
        [
          ['applications', 'Response Group, Conferencing Attendant and Announcement: 5071 to 5074.'],
          [
            'collocatedMediation',
            'Whether the Front End Servers are Mediation Servers too: 5067, 5068, 5070.',
          ],
          ['callAdmissionControl', 'Whether calls are admitted by bandwidth: 448.'],
        ] as const
      ).map(([name, description]) => [
        name,
        { default: false, description, source: `${LYNC_2010_KEMP} (optional)` },
      ]),
    ),
  },
  ports: ROWS.map((row) => ({ need: row.option === undefined ? 'required' : 'optional', ...row })),
  checks: [
    { type: 'tcp', port: 5060, source: `${OWN}: where plain SIP is said to be used`, option: 'plainSip' },
    { type: 'tcp', port: 5061, source: `${OWN}, as in the versions before and after` },
    { type: 'tcp', port: 444, source: `${OWN}, as in the version before` },
  ],
  scheduler: { value: 'wlc', source: `${LYNC_2010_KEMP} (least connection)` },
  idleTimeout: { value: '30m', source: LYNC_2010_NEXTHOP },
  nat: { value: 'full', source: `${LYNC_2010_KEMP} (not transparent)` },
  refusedNat: {
    half: {
      rule: 'R18',
      why: "a server's connection to its own VIP would be answered past the balancer and fail",
      source: `${OCS_REQUIREMENTS} (the version before); ${LYNC_2010_KEMP} (not transparent)`,
    },
    none: {
      rule: 'R19',
      why: 'its maker supports direct server return neither in the version before nor in the one after',
      source: `${OCS_REQUIREMENTS}; ${LYNC_2013_BALANCING}`,
    },
  },
  neverBalanced: [
    { port: 5062, rule: 'R25', value: 'IM conferencing', source: LYNC_2010_TABLE },
    { port: 5063, rule: 'R25', value: 'A/V conferencing', source: LYNC_2010_TABLE },
    { port: 8057, rule: 'R25', value: 'Web conferencing', source: LYNC_2010_TABLE },
  ],
  oneVip: { value: true, rule: 'R4', source: LYNC_2010_KEMP },
  limits: {
    idleAtLeast: { rule: 'R10', value: '30m', source: LYNC_2010_NEXTHOP },
    checkOneOf: [],
  },
  notes: [
    {
      text:
        'External web services with mobile clients need cookie persistence, which takes a balancer that ends TLS. Poolgate does not; put ' +
        'a reverse proxy that does in front of the servers.',
      source: LYNC_2010_NEXTHOP,
      rule: 'R56',
    },
  ],
};
