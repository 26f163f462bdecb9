/** The course of the demo: bring everything up, play the tour, go on if asked to, close the books, bring it down. */
import type { Ending } from './ending.ts';
import { closeBooks } from './finale.ts';
import type { LiveShow } from './live.ts';
import { Rig } from './rig.ts';
import type { Show } from './show.ts';
import { SERVERS } from './site.ts';
import { type Claim, FOR_A_LOG, FOR_EYES, type Pace, type Stage } from './stage.ts';
import type { Summary } from './summary.ts';
import { goOn, playTour, type Toured } from './tour.ts';
import { until } from './until.ts';

const PEOPLE_AFTERWARDS = 18;

/** @param stays goes on after the tour until `ending` */
export function presentPlain(show: Show, ending: Ending, stays: boolean): Promise<Summary> {
  return present(show, FOR_A_LOG, ending, async (rig) => {
    const stage = stageOn(rig, show, FOR_A_LOG, ending.signal);
    const toured = await playTour(stage, show);
    if (stays && cameTrue(toured)) await goOn(stage, PEOPLE_AFTERWARDS);
    return toured;
  });
}

/** @param skip leaves the tour for what comes after it */
export function presentLive(show: LiveShow, ending: Ending, skip: AbortSignal): Promise<Summary> {
  return present(show, FOR_EYES, ending, async (rig) => {
    const onTour = AbortSignal.any([ending.signal, skip]);
    const toured = await playTour(stageOn(rig, show, FOR_EYES, onTour), show);
    if (!cameTrue(toured) || ending.signal.aborted) return toured;
    await everythingWell(rig);
    show.chapter(0, 0, 'Now it is yours');
    show.say(
      'People come and go, calls go on. Fail a server or drain one, and see what becomes of its connections; or ask ' +
        'the balancer from another terminal, as an administrator would.',
      'try f, then d on another one, then f on all three',
    );
    show.handOver();
    await goOn(stageOn(rig, show, FOR_EYES, ending.signal), PEOPLE_AFTERWARDS);
    return toured;
  });
}

async function present(
  show: Show,
  pace: Pace,
  ending: Ending,
  course: (rig: Rig) => Promise<Toured>,
): Promise<Summary> {
  const rig = await Rig.open(show, ending.signal);
  try {
    const lost = watchBalancer(rig, ending);
    show.begin(rig);
    const calls = rig.clients.callOn(pace.callGapMs, ending.signal);
    const toured = await unlessBalancerEnds(course(rig), lost);
    ending.end();
    await calls;
    show.chapter(0, 0, 'Everybody hangs up');
    const books = lost.length > 0 ? { claims: lost, servers: [] } : await closeBooks(rig);
    for (const claim of books.claims) show.claim(claim);
    return {
      claims: [...toured.claims, ...books.claims],
      notShown: toured.notShown,
      servers: books.servers,
      lastWords: lost.length > 0 ? rig.balancer.lastWords() : '',
    };
  } finally {
    await rig.close();
    show.close();
  }
}

/** Whoever asks a balancer that ends hears of it before its end is known. */
async function unlessBalancerEnds(course: Promise<Toured>, lost: readonly Claim[]): Promise<Toured> {
  try {
    return await course;
  } catch (error) {
    if (await until(() => lost.length > 0, 500, new AbortController().signal))
      return { claims: [], notShown: [] };
    throw error;
  }
}

function cameTrue({ claims }: Toured): boolean {
  return claims.every((claim) => claim.ok);
}

/** Whoever skips the tour may do so while a server is failed or drained. */
async function everythingWell({ faults, balancer, servers }: Rig): Promise<void> {
  await faults.mendAll();
  const away = new Set(servers.filter((server) => server.admin !== 'ready').map((server) => server.name));
  for (const { name } of SERVERS) if (away.has(name)) await balancer.setAdmin(name, 'ready');
}

/** The list gets a claim that failed if the balancer's process is gone before it should. */
function watchBalancer(rig: Rig, ending: Ending): readonly Claim[] {
  const lost: Claim[] = [];
  void rig.balancer.gone.then(() => {
    lost.push({ title: 'The balancer runs', ok: false, text: 'it ended before its time' });
    ending.end();
  });
  return lost;
}

function stageOn(rig: Rig, show: Show, pace: Pace, signal: AbortSignal): Stage {
  return {
    pace,
    balancer: rig.balancer,
    clients: rig.clients,
    ledger: rig.ledger,
    faults: rig.faults,
    events: rig.events,
    get servers() {
      return rig.servers;
    },
    controlPort: rig.site.ports.control,
    signal,
    say: (text, look) => show.say(text, look),
  };
}
