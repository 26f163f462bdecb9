/** The program of a stand-in server: `I am fe01:5061`, on as many ports as it is told, and it remembers who came. */
import { createServer, type Server } from 'node:net';
import { serve } from '../agent/serve.ts';
import { Conversation, type Outcome } from './conversation.ts';

/** So many ended connections are remembered one by one; the counts go on. */
const REMEMBERED = 20_000;

interface Counts {
  accepted: number;
  /** Connections on which the client sent its first line. */
  spoke: number;
  /** Connections on which the client spoke and that then were reset, by the client or by the balancer. */
  resetsOfClients: number;
  open: number;
  outcomes: Record<Outcome, number>;
}

const listeners = new Map<number, Server>();
const open = new Set<Conversation>();
const ended: Conversation[] = [];
const counts = new Map<number, Counts>();

function countsOf(port: number): Counts {
  const found = counts.get(port);
  if (found) return found;
  const outcomes = { open: 0, ended: 0, reset: 0, 'reset-by-server': 0, failed: 0 };
  const fresh: Counts = { accepted: 0, spoke: 0, resetsOfClients: 0, open: 0, outcomes };
  counts.set(port, fresh);
  return fresh;
}

function closed(conversation: Conversation): void {
  open.delete(conversation);
  const count = countsOf(conversation.port);
  count.open -= 1;
  count.outcomes[conversation.outcome] += 1;
  if (conversation.spoke) count.spoke += 1;
  if (conversation.spoke && conversation.outcome === 'reset') count.resetsOfClients += 1;
  ended.push(conversation);
  if (ended.length > REMEMBERED) ended.shift();
}

function listen(argument: { name: string; port: number; host?: string; silent?: boolean }): Promise<void> {
  const greeting = argument.silent ? '' : `I am ${argument.name}:${argument.port}\n`;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const count = countsOf(argument.port);
    count.accepted += 1;
    count.open += 1;
    open.add(new Conversation(socket, greeting, closed));
  });
  listeners.set(argument.port, server);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port: argument.port, host: argument.host ?? '::', backlog: 4096 }, () => resolve());
  });
}

function unlisten(argument: { port: number }): void {
  listeners.get(argument.port)?.close();
  listeners.delete(argument.port);
}

function of(port: number | undefined): Conversation[] {
  return [...open].filter((conversation) => port === undefined || conversation.port === port);
}

function row(conversation: Conversation): ConversationRow {
  const { port, peer, command, outcome, received, digest, sent } = conversation;
  return { port, peer, command, outcome, received, digest, sent };
}

export interface ConversationRow {
  readonly port: number;
  readonly peer: string;
  readonly command: string;
  readonly outcome: Outcome;
  readonly received: number;
  readonly digest: string | null;
  readonly sent: number;
}

export interface PortStats extends Counts {
  readonly port: number;
}

const operations = {
  listen,
  unlisten,
  /** Counts by port; `spoke` includes connections that are still open. */
  stats: (): PortStats[] =>
    [...counts].map(([port, count]) => ({
      ...count,
      port,
      spoke: count.spoke + of(port).filter((conversation) => conversation.spoke).length,
    })),
  /** Connections on which the client spoke, those that ended first. */
  conversations: (argument: { port?: number }): ConversationRow[] =>
    [...ended, ...open]
      .filter((one) => one.spoke && (argument.port === undefined || one.port === argument.port))
      .map(row),
  reset: (argument: { port?: number }): void => of(argument.port).forEach((one) => one.reset()),
  end: (argument: { port?: number }): void => of(argument.port).forEach((one) => one.end()),
  resume: (argument: { port?: number }): void => of(argument.port).forEach((one) => one.resume()),
  say: (argument: { port?: number; text: string }): void =>
    of(argument.port).forEach((one) => one.say(argument.text)),
};

export type StandInOperations = typeof operations;

serve(operations);
