/** What goes through a hardware load balancer: all of it where it alone balances, the web where DNS balances the rest. */
import type { CatalogueRow } from '../row.ts';
import type { FamilyLine } from './family.ts';
import { familyRows, PORT_TABLES } from './family.ts';

type Purpose = Omit<FamilyLine, 'says'>;

const WEB: readonly Purpose[] = [
  { ports: '80', protocol: 'HTTP', purpose: 'Web services inside where HTTPS is not used, device update' },
  { ports: '443', protocol: 'HTTPS', purpose: 'Web services inside: meetings, address book, sign-in' },
  {
    ports: '8080',
    peers: ['clients', 'reverse-proxy'],
    protocol: 'HTTP',
    purpose: 'Web services outside, from the reverse proxy; root certificates for clients and devices',
  },
  {
    ports: '4443',
    peers: ['reverse-proxy', 'servers'],
    protocol: 'HTTPS',
    purpose: 'Web services outside, from the reverse proxy, so that the pool knows who comes from outside',
  },
];

/** Not of the web: through the balancer only where nothing else balances. */
const REST: readonly Purpose[] = [
  {
    ports: '5061',
    direction: 'both',
    protocol: 'SIP/TLS',
    purpose: 'SIP of clients, and over mutual TLS between servers',
  },
  {
    ports: '444',
    peers: ['servers'],
    protocol: 'HTTPS',
    purpose: 'The state of conferences, between the focus and the conferencing servers',
  },
  {
    ports: '135',
    peers: ['administrators', 'servers'],
    protocol: 'DCOM/RPC',
    purpose: 'Moving users, replicating users and the address book',
  },
  { ports: '5071', peers: ['servers'], protocol: 'SIP', purpose: 'Response Group' },
  { ports: '5072', peers: ['servers'], protocol: 'SIP', purpose: 'Conferencing Attendant' },
  { ports: '5073', peers: ['servers'], protocol: 'SIP', purpose: 'Conferencing Announcement' },
  { ports: '5075', peers: ['servers'], protocol: 'SIP', purpose: 'Call Park: calls that wait' },
  { ports: '5076', peers: ['servers'], protocol: 'SIP', purpose: 'Audio Test: a call to hear oneself' },
  {
    ports: '5080',
    peers: ['servers', 'edge'],
    protocol: 'Bandwidth policy',
    purpose: 'Call admission control for media through the A/V Edge',
  },
  { ports: '448', peers: ['servers'], protocol: 'Bandwidth policy', purpose: 'Call admission control' },
  {
    ports: '5070',
    peers: ['servers'],
    protocol: 'SIP',
    purpose: 'From Front End to Mediation Server, where the pool has both',
  },
];

const BALANCED = { direction: 'inbound', peers: ['clients', 'servers'], loadBalanced: true } as const;

const FRONT_END = 'Front End Server load balancer';

export const BALANCED_FRONT_END_ROWS: readonly CatalogueRow[] = [
  ...familyRows({ ...BALANCED, role: 'front-end' }, PORT_TABLES, [
    ...say(WEB, 'Front End Servers'),
    ...say(REST, 'Front End Servers'),
  ]),
  ...familyRows({ ...BALANCED, role: 'load-balancer-front-end' }, PORT_TABLES, [
    ...say(REST, `only hardware load balancing, ${FRONT_END}`),
    ...say(WEB, `only hardware load balancing, ${FRONT_END}`),
  ]),
  ...familyRows(
    { ...BALANCED, role: 'load-balancer-front-end-dns-lb' },
    PORT_TABLES,
    say(WEB, `with DNS load balancing, ${FRONT_END}`),
  ),
];

const SIP_AND_STATE = REST.slice(0, 2);
const [HTTP, HTTPS, OUTSIDE_HTTP, OUTSIDE_HTTPS] = WEB;
const SECURE_WEB = [HTTPS, OUTSIDE_HTTPS].filter((line) => line !== undefined);
const PLAIN_WEB = [HTTP, OUTSIDE_HTTP].filter((line) => line !== undefined);

const DIRECTOR_PLAIN: readonly FamilyLine[] = say(
  PLAIN_WEB,
  'Director pool with a hardware load balancer',
).map((line) => ({ ...line, lync: 'lync2013Director' }));

/** Two of Microsoft's own pages disagree about the Director's plain web ports; having them does no harm. */
const DISAGREEMENT = {
  document: 'lync2013Ports',
  wrote: "leaves it out of the Director's load balancer",
  why: "the Director's own page of the same documentation has it",
} as const;

export const BALANCED_DIRECTOR_ROWS: readonly CatalogueRow[] = [
  ...familyRows({ ...BALANCED, role: 'director' }, PORT_TABLES, [
    ...say(SIP_AND_STATE, 'Directors'),
    ...say(SECURE_WEB, 'Directors'),
    ...DIRECTOR_PLAIN,
  ]),
  ...familyRows({ ...BALANCED, role: 'load-balancer-director' }, PORT_TABLES, [
    ...say(SECURE_WEB, 'only hardware load balancing, Director load balancer'),
    ...say(SIP_AND_STATE, 'only hardware load balancing, Director load balancer'),
    ...DIRECTOR_PLAIN.map((line) => ({ ...line, corrections: [DISAGREEMENT] })),
  ]),
  ...familyRows(
    { ...BALANCED, role: 'load-balancer-director-dns-lb' },
    PORT_TABLES,
    say(SECURE_WEB, 'with DNS load balancing, Director load balancer'),
  ),
];

function say(lines: readonly Purpose[], where: string): FamilyLine[] {
  return lines.map((line) => ({ ...line, says: `${where}, ${line.ports} ${line.protocol}` }));
}
