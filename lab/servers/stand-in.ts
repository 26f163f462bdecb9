/** A stand-in server on a machine of the lab, as scenarios use it. */
import { Agent } from '../agent/agent.ts';
import type { Host } from '../net/host.ts';
import type { ConversationRow, PortStats, StandInOperations } from './stand-in-agent.ts';

const PROGRAM = new URL('./stand-in-agent.ts', import.meta.url);

export class StandIn {
  readonly host: Host;
  readonly name: string;
  private readonly agent: Agent<StandInOperations>;

  private constructor(host: Host, agent: Agent<StandInOperations>) {
    this.host = host;
    this.name = host.role;
    this.agent = agent;
  }

  /** Starts a stand-in that listens on these ports, on IPv4 and IPv6. */
  static async start(host: Host, ports: readonly number[]): Promise<StandIn> {
    const standIn = new StandIn(host, await Agent.start<StandInOperations>(host, PROGRAM));
    for (const port of ports) await standIn.listen(port);
    return standIn;
  }

  listen(port: number): Promise<void> {
    return this.agent.call('listen', { name: this.name, port });
  }

  /** Connects to this port are refused from now on; its open connections stay. */
  unlisten(port: number): Promise<void> {
    return this.agent.call('unlisten', { port });
  }

  async stats(port: number): Promise<PortStats> {
    const all = await this.agent.call('stats', undefined);
    const found = all.find((stats) => stats.port === port);
    if (!found) throw new Error(`${this.name} has had no connection on ${port}`);
    return found;
  }

  /** Connections of clients that were reset, over all ports. */
  async resetsOfClients(): Promise<number> {
    const all = await this.agent.call('stats', undefined);
    return all.reduce((sum, stats) => sum + stats.resetsOfClients, 0);
  }

  /** The connections on which a client spoke; health checks never do. */
  conversations(port?: number): Promise<ConversationRow[]> {
    return this.agent.call('conversations', port === undefined ? {} : { port });
  }

  async openConversations(port?: number): Promise<ConversationRow[]> {
    return (await this.conversations(port)).filter((row) => row.outcome === 'open');
  }

  /**
   * How many connections its kernel holds on a port. A program that has read the client's end learns of a reset only
   * when it writes; the kernel knows at once.
   */
  async kernelConnections(port: number): Promise<number> {
    const states = ['established', 'close-wait', 'fin-wait-1', 'fin-wait-2', 'last-ack', 'closing'];
    const filter = states.flatMap((state) => ['state', state]);
    const table = await this.host.must('ss', ['-Htn', ...filter, `sport = :${port}`]);
    return table.split('\n').filter((line) => line !== '').length;
  }

  reset(port?: number): Promise<void> {
    return this.agent.call('reset', port === undefined ? {} : { port });
  }

  end(port?: number): Promise<void> {
    return this.agent.call('end', port === undefined ? {} : { port });
  }

  resume(port?: number): Promise<void> {
    return this.agent.call('resume', port === undefined ? {} : { port });
  }

  say(text: string, port?: number): Promise<void> {
    return this.agent.call('say', port === undefined ? { text } : { text, port });
  }

  close(): Promise<void> {
    return this.agent.close();
  }
}
