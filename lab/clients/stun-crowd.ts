/** STUN clients of a network, as scenarios use them. */
import { Agent } from '../agent/agent.ts';
import type { Host } from '../net/host.ts';
import type { StunOperations } from './stun-agent.ts';
import type { StunArgument, StunState } from './stun.ts';

const PROGRAM = new URL('./stun-agent.ts', import.meta.url);

export class StunCrowd {
  private readonly agent: Agent<StunOperations>;

  private constructor(agent: Agent<StunOperations>) {
    this.agent = agent;
  }

  static async start(host: Host): Promise<StunCrowd> {
    return new StunCrowd(await Agent.start<StunOperations>(host, PROGRAM));
  }

  /** Opens sockets, asks once on each, and keeps them open. */
  open(argument: StunArgument): Promise<StunState[]> {
    return this.agent.call('stunOpen', argument);
  }

  /** Asks again on every open socket, in the order in which they were opened. */
  again(): Promise<StunState[]> {
    return this.agent.call('stunAgain', undefined);
  }

  close(): Promise<void> {
    return this.agent.call('stunClose', undefined);
  }
}
