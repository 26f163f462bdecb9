/**
 * The one place that changes what the data plane does. What is wanted (config and live changes) and what is known
 * (health) go in, the difference to what the plane has goes to the plane, and only when the plane has taken it
 * becomes it the state that everybody sees.
 */
import type { DataPlane, DesiredState } from '../dataplane/dataplane.ts';
import { EMPTY_STATE } from '../dataplane/dataplane.ts';
import { diffDesired } from '../dataplane/diff.ts';
import type { HealthRunner } from '../health/runner.ts';
import type { Clock } from '../lib/clock.ts';
import type { EffectiveConfig } from '../model/effective.ts';
import type { StagedAddresses } from '../network/keeper.ts';
import type { PoolsUsable } from './announce.ts';
import { announce, announcePools } from './announce.ts';
import type { Chronicle, News } from './chronicle.ts';
import { advance } from './chronicle.ts';
import type { LoadedConfig } from '../config/loaded.ts';
import { desiredState } from './desired.ts';
import type { DrainDeadlines } from './drain-deadlines.ts';
import type { Ended } from './ended.ts';
import { endedBy } from './ended.ts';
import type { EventLog } from './events.ts';
import * as say from './messages.ts';
import type { Overrides } from './overrides.ts';
import type { Standing } from './standing.ts';
import { standings, watchList } from './standing.ts';

/** What the operator wants: the file and the live changes over it. */
export interface Intent {
  readonly config: LoadedConfig;
  readonly overrides: Overrides;
}

/** The VIPs on an interface: keeper.ts of src/network. */
export interface Addresses {
  /** @throws PoolgateError when they cannot be had; nothing has changed then */
  stage(config: EffectiveConfig, actor: string): Promise<StagedAddresses>;
}

export interface BalancerParts {
  readonly addresses: Addresses;
  readonly plane: DataPlane;
  readonly clock: Clock;
  readonly runner: HealthRunner;
  readonly deadlines: DrainDeadlines;
  readonly events: EventLog;
}

/** Who asks for the first change of all: that its servers are there is no news. */
export const STARTING = 'start';

export class Balancer {
  readonly #parts: BalancerParts;
  #intent: Intent;
  #applied: DesiredState = EMPTY_STATE;
  #chronicle: Chronicle = new Map();
  #poolsUsable: PoolsUsable = new Map();

  constructor(intent: Intent, parts: BalancerParts) {
    this.#intent = intent;
    this.#parts = parts;
  }

  get intent(): Intent {
    return this.#intent;
  }

  get planeName(): DataPlane['name'] {
    return this.#parts.plane.name;
  }

  get chronicle(): Chronicle {
    return this.#chronicle;
  }

  /** As of now: the newest verdicts, whether the plane was told of them or not. */
  standings(intent: Intent = this.#intent): Standing[] {
    return standings(intent.config.effective, intent.overrides, (key) => this.#parts.runner.healthOf(key));
  }

  /** As the plane was last told, which is some milliseconds behind `standings` after a verdict. */
  applied(): Standing[] {
    return this.standings().map((s) => this.#chronicle.get(s.key)?.standing ?? s);
  }

  /**
   * Makes the plane do what `next` and the health of this moment say. Never to be called while another call runs.
   * @param finalise what must succeed for the change to stand; when it fails the plane is taken back
   * @throws what the plane or `finalise` threw; nothing has changed then
   */
  async enact(next: Intent, actor: string, finalise: () => Promise<void> = async () => {}): Promise<void> {
    const { plane, addresses, clock, runner, deadlines } = this.#parts;
    // It may take a while, and the checks go on meanwhile: what they say is looked at afterwards.
    const staged = await addresses.stage(next.config.effective, actor);
    const all = this.standings(next);
    const desired = desiredState(next.config.effective, all, deadlines.isOver);
    const changes = diffDesired(this.#applied, desired);
    const ended = endedBy(changes, plane.counters());
    try {
      if (changes.length > 0) await plane.apply(changes);
      await finaliseOr(() => plane.apply(diffDesired(desired, this.#applied)), finalise);
    } catch (error) {
      await staged.discard();
      throw error;
    }
    this.#applied = desired;
    this.#intent = next;
    // Nobody is sent to an address before its ports are open, and none is taken while they are.
    await staged.commit();
    const { chronicle, news } = advance(this.#chronicle, all, clock.now());
    this.#chronicle = chronicle;
    runner.watch(watchList(all));
    deadlines.follow(all);
    await this.#tell(actor === STARTING ? [] : news, all, ended, actor);
  }

  async #tell(news: readonly News[], all: readonly Standing[], ended: Ended, actor: string): Promise<void> {
    const { events, runner } = this.#parts;
    const drafts = news.map(async (item) => {
      const connections = await this.#connectionsOf(item, ended);
      const cause = say.causeOf(runner.failuresOf(item.standing.key));
      return announce(item, { all, actor, connections, cause });
    });
    for (const draft of [...(await Promise.all(drafts)), ...ended.drafts(actor)]) events.emit(draft);
    const pools = announcePools(this.#poolsUsable, this.#intent.config.effective.pools, all, actor);
    this.#poolsUsable = pools.usable;
    for (const draft of pools.drafts) events.emit(draft);
  }

  /** Ends what is open to this server; how many that were. */
  async reset({ pool, server }: Standing): Promise<number> {
    try {
      return await this.#parts.plane.reset({ pool: pool.name, realServer: server.name });
    } catch (error) {
      this.planeFailed(error);
      return 0;
    }
  }

  planeFailed(error: unknown): void {
    this.#parts.events.emit(say.planeFailed(error));
  }

  /** How many connections the news is about; those of a server that went down are ended here. */
  async #connectionsOf({ kind, standing }: News, ended: Ended): Promise<number> {
    const { plane } = this.#parts;
    const name = say.nameOf(standing);
    if (kind === 'removed') return ended.ofServer(name);
    if (kind === 'down' && standing.pool.onDown === 'reset') return this.reset(standing);
    return plane.counters().servers.get(name)?.active ?? 0;
  }
}

async function finaliseOr(takeBack: () => Promise<void>, finalise: () => Promise<void>): Promise<void> {
  try {
    await finalise();
  } catch (error) {
    await takeBack();
    throw error;
  }
}
