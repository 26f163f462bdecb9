/** What the live view shows of the running demo. Pure. */
import type { PoolgateEvent, ServerView } from '../state/contract.ts';
import { commandLine } from './balancer.ts';
import type { Clients } from './clients.ts';
import type { Ledger } from './ledger.ts';
import type { Rig } from './rig.ts';
import { SERVERS, VIP } from './site.ts';
import type { Look } from '../cli/terminal/spans.ts';
import type { Scene, SceneClients, SceneServer } from './view.ts';

/** What the show adds to what the rig knows. */
export type Telling = Pick<Scene, 'elapsedMs' | 'chapter' | 'text' | 'look' | 'log' | 'keys'> & {
  /** Name of the server that keys act on; null while they act on none. */
  readonly chosen: string | null;
};

/** More than the widest window has columns for. */
const ANSWERS = 400;

export function sceneOf(rig: Rig | null, { chosen, ...telling }: Telling): Scene {
  const views = new Map(rig?.servers.map((server) => [server.name, server]));
  return {
    ...telling,
    vip: VIP,
    servers: SERVERS.map(({ name, address }) => serverOf(name, address, views.get(name), name === chosen)),
    answers: rig?.ledger.latest(ANSWERS) ?? [],
    clients: rig ? clientsOf(rig.clients, rig.ledger) : NOBODY,
    command: rig ? commandLine(rig.balancer, 'servers') : '',
  };
}

const NOBODY: SceneClients = { people: 0, signedIn: 0, answered: 0, cut: 0, cutOn: [], turnedAway: 0 };

function clientsOf(clients: Clients, ledger: Ledger): SceneClients {
  const { answered, cut, turnedAway } = ledger;
  const signedIn = clients.phones.length;
  return { people: clients.people, signedIn, answered, cut, cutOn: ledger.cutOn(), turnedAway };
}

function serverOf(name: string, address: string, view: ServerView | undefined, chosen: boolean): SceneServer {
  if (!view) return { name, address, state: 'INI', checks: [], open: 0, chosen };
  return { name, address, state: stateOf(view), checks: view.checks, open: view.active, chosen };
}

function stateOf({ admin, health, checks }: ServerView): SceneServer['state'] {
  if (admin === 'maint') return 'MAINT';
  if (health === 'down') return 'DOWN';
  if (health === 'unknown') return 'INI';
  if (admin === 'drain') return 'DRAIN';
  return checks.every((check) => check.result === 'L4OK') ? 'UP' : 'FAILING';
}

export const SEVERITY_LOOKS: Record<PoolgateEvent['severity'], Look | undefined> = {
  info: 'dim',
  notice: undefined,
  warning: 'yellow',
  error: 'red',
};
