/**
 * The flood: as many short connections as make up half of the top rate, by the load generator of the benchmarks and
 * its stand-in servers. It asks no server for its name; who lost what is told by packets (flood-packets.ts).
 */
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { must } from '../net/exec.ts';
import type { Host } from '../net/host.ts';
import { type Network, VIP } from '../net/network.ts';
import { waitFor } from '../net/wait.ts';

/** No check asks for this port, so every packet on it belongs to the flood. */
export const FLOOD_PORT = 8404;

const BENCH = fileURLToPath(new URL('../../bench/', import.meta.url));
/** Of the client, beside its own, so that a port is not used again within seconds. */
const SOURCES = { first: '10.0.0.11', all: ['10.0.0.11', '10.0.0.12', '10.0.0.13'] };
/** Open at a time: when the top rate is sought, and in the flood, where many wait on a black hole until its verdict. */
const CONNECTIONS = { top: 64, flood: 4096 };
/** Milliseconds for the generator to start, to let the last connections end, and to print. */
const GENERATOR_ROOM_MS = 30_000;

/** What `load connect` prints, as far as the soak reads it; bench/README.md says what each means. */
export interface FloodResult {
  readonly perSecond: number;
  /** Connections that were opened, answered in full and closed. */
  readonly wholeCount: number;
  /** Connections that were still open two seconds after the end. */
  readonly unfinished: number;
  readonly errors: Readonly<Record<'refused' | 'reset' | 'timeout' | 'eof' | 'other', number>>;
  readonly p50us: number;
  readonly p99us: number;
  readonly maxUs: number;
}

export interface FloodRun {
  readonly result: Promise<FloodResult>;
  over: boolean;
}

interface StandIn {
  readonly host: Host;
  readonly child: ChildProcess;
  output: string;
}

export class Flood {
  private readonly client: Host;
  private readonly standIns: readonly StandIn[];

  private constructor(client: Host, standIns: readonly StandIn[]) {
    this.client = client;
    this.standIns = standIns;
  }

  /** Compiles the programs where they are older than their sources, and starts a stand-in on every server. */
  static async prepare(network: Network): Promise<Flood> {
    await must('sh', [`${BENCH}load/build.sh`], { timeoutMs: 120_000 });
    for (const address of SOURCES.all)
      await network.client.must('ip', ['addr', 'add', `${address}/24`, 'dev', 'eth0']);
    const flood = new Flood(network.client, network.servers.map(startStandIn));
    await waitFor("the flood's servers to listen", () =>
      flood.standIns.every((one) => one.output.includes('"ready":true')),
    );
    return flood;
  }

  /** As many connections as go, one after the other on each of 64 slots. */
  topRate(seconds: number): Promise<FloodResult> {
    return this.generate(seconds, CONNECTIONS.top, []);
  }

  /** Starts so many new connections per second. */
  atRate(rate: number, seconds: number): FloodRun {
    const result = this.generate(seconds, CONNECTIONS.flood, ['--rate', String(rate)]);
    const run: FloodRun = { result, over: false };
    const over = (): void => void (run.over = true);
    // Who awaits the result gets the error; until then it only means that the flood is over.
    result.then(over, over);
    return run;
  }

  /** Ends the servers; returns how many connections each had accepted. */
  async close(): Promise<Record<string, number>> {
    for (const { child } of this.standIns) child.stdin?.end();
    const counts: Record<string, number> = {};
    for (const one of this.standIns) {
      await waitFor(`the flood's server on ${one.host.role} to end`, () => one.child.exitCode !== null);
      const { accepted } = lastLine<{ accepted: number[] }>(one.output);
      counts[one.host.role] = accepted[0] ?? 0;
    }
    return counts;
  }

  private async generate(seconds: number, connections: number, more: string[]): Promise<FloodResult> {
    const options = { to: `${VIP}:${FLOOD_PORT}`, seconds, connections, source: SOURCES.first };
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    // The server closes first, as `once` does: TIME_WAIT then stands where connections arrive, and neither the client
    // nor the balancer runs out of ports. And a client that had all and closed has no connection left to be reset.
    const all = ['connect', '--server-closes', ...args, '--sources', String(SOURCES.all.length), ...more];
    const timeoutMs = seconds * 1000 + GENERATOR_ROOM_MS;
    return lastLine(await this.client.must(`${BENCH}build/load`, all, { timeoutMs }));
  }
}

function startStandIn(host: Host): StandIn {
  const child = host.start(`${BENCH}build/server`, ['once', '--listen', `${host.ipv4}:${FLOOD_PORT}`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const standIn: StandIn = { host, child, output: '' };
  child.stdout?.on('data', (chunk: Buffer) => void (standIn.output += chunk.toString()));
  return standIn;
}

function lastLine<T>(output: string): T {
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as T;
}

/** A server forgets its connections of the flood, as by a restart; its listener stays. */
export async function forgetFlood(host: Host): Promise<void> {
  await host.must('ss', ['-KHtn', 'state', 'connected', `sport = :${FLOOD_PORT}`]);
}
