/** The end: everybody hangs up, and the books are closed. */
import { unexplained } from './judgement.ts';
import type { Rig } from './rig.ts';
import { SERVERS } from './site.ts';
import type { Claim } from './stage.ts';
import type { ServerLine } from './summary.ts';
import { until } from './until.ts';

const NEVER = new AbortController().signal;

export async function closeBooks(rig: Rig): Promise<{ claims: Claim[]; servers: ServerLine[] }> {
  await rig.clients.close();
  const zero = await until(async () => (await rig.active()) === 0, 3000, NEVER);
  const left = rig.servers.reduce((sum, server) => sum + server.active, 0);
  const text = zero ? 'no connection is counted any more' : `${left} still counted`;
  const servers = SERVERS.map(({ name }) => ({
    name,
    connections: rig.servers.find((server) => server.name === name)?.total ?? 0,
    ...rig.ledger.tally(name),
  }));
  return { claims: [nobodyElse(rig), { title: 'Counts return to zero', ok: zero !== null, text }], servers };
}

function nobodyElse({ ledger, events, faults }: Rig): Claim {
  const wrong = unexplained(ledger.troubles, events, faults.list);
  const cut =
    ledger.cut === 0 ? 'none cut' : `${ledger.cut} cut, all by failure of ${ledger.cutOn().join(', ')}`;
  const away = ledger.turnedAway === 0 ? '' : `, ${ledger.turnedAway} turned away when no server was UP`;
  const text = `${ledger.answered} answered; ${cut}${away}`;
  const first = wrong.slice(0, 3).join('; ');
  return {
    title: 'Nobody else was cut',
    ok: wrong.length === 0,
    text: wrong.length === 0 ? text : `${wrong.length} without a cause: ${first}`,
  };
}
