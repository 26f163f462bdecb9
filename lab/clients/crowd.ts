/** The clients of a network, as scenarios use them. */
import { Agent } from '../agent/agent.ts';
import type { Host } from '../net/host.ts';
import type { CrowdOperations } from './crowd-agent.ts';
import type { HeldState, OpenArgument } from './held.ts';
import type { LoadArgument, LoadSummary } from './load.ts';
import type { TalkArgument, TalkState } from './talk.ts';

const PROGRAM = new URL('./crowd-agent.ts', import.meta.url);

export class Crowd {
  private readonly agent: Agent<CrowdOperations>;

  private constructor(agent: Agent<CrowdOperations>) {
    this.agent = agent;
  }

  static async start(host: Host): Promise<Crowd> {
    return new Crowd(await Agent.start<CrowdOperations>(host, PROGRAM));
  }

  /** Opens connections at once and holds them; resolves when each has its greeting or has failed. */
  open(argument: OpenArgument): Promise<HeldState[]> {
    return this.agent.call('open', argument);
  }

  states(ids?: readonly number[]): Promise<HeldState[]> {
    return this.agent.call('states', ids === undefined ? {} : { ids });
  }

  /** One echoed line on each; returns those that failed. */
  exchange(ids: readonly number[], timeoutMs = 5000): Promise<number[]> {
    return this.agent.call('exchange', { ids, timeoutMs });
  }

  say(ids: readonly number[], text: string): Promise<void> {
    return this.agent.call('say', { ids, text });
  }

  halfClose(ids: readonly number[]): Promise<void> {
    return this.agent.call('halfClose', { ids });
  }

  close(ids?: readonly number[], how: 'end' | 'reset' = 'end'): Promise<void> {
    return this.agent.call('close', ids === undefined ? { how } : { ids, how });
  }

  startTalk(argument: TalkArgument): Promise<number> {
    return this.agent.call('startTalk', argument);
  }

  talks(ids: readonly number[]): Promise<TalkState[]> {
    return this.agent.call('talks', { ids });
  }

  resumeTalks(ids: readonly number[]): Promise<void> {
    return this.agent.call('resumeTalks', { ids });
  }

  finishTalks(ids: readonly number[]): Promise<TalkState[]> {
    return this.agent.call('finishTalks', { ids });
  }

  startLoad(argument: LoadArgument): Promise<number> {
    return this.agent.call('startLoad', argument);
  }

  loadSummary(id: number): Promise<LoadSummary> {
    return this.agent.call('loadSummary', { id });
  }

  stopLoad(id: number): Promise<LoadSummary> {
    return this.agent.call('stopLoad', { id });
  }
}

/** How many connections each server has, by the name it said. */
export function byServer(states: readonly HeldState[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { server, error } of states) {
    const key = server ?? `none (${error})`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

export function idsOf(states: readonly HeldState[], server?: string): number[] {
  return states.filter((state) => server === undefined || state.server === server).map((state) => state.id);
}
