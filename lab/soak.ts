/**
 * The soak: traffic for minutes while servers fail and return. By hand, as root, on a quiet machine:
 *
 *     node lab/soak.ts [--minutes 10] [--rate 100] [--held 200] [--flood PER_SECOND] [--plane kernel]
 *
 * The top rate is measured first; half of it (or --flood) then flows all the time, beside a crowd of clients that
 * talk with their servers and hold connections. Every few seconds a server loses a port, falls into a black hole, or
 * is drained, and comes back. A connection may be lost only on the server that failed, and only then. Prints a summary
 * as JSON; exits with 1 if anything else happened.
 */
import { parseArgs } from 'node:util';
import { Balancer } from './balancer/balancer.ts';
import { labConfig, serversOf } from './balancer/config.ts';
import { Crowd } from './clients/crowd.ts';
import type { LoadSummary } from './clients/load.ts';
import { reasonsNotToRun } from './net/can-run.ts';
import { sweep } from './net/names.ts';
import { Network, VIP } from './net/network.ts';
import { waitFor } from './net/wait.ts';
import { PLANES } from './planes.ts';
import { StandIn } from './servers/stand-in.ts';
import { FLOOD_PORT, Flood, type FloodResult } from './soak/flood.ts';
import { type FloodAccount, floodAccount } from './soak/flood-account.ts';
import { FloodWatch } from './soak/flood-watch.ts';
import { countTroubles, explained, type Soak, type Trouble, trouble } from './soak/troubles.ts';

const PORTS = [443, 5060, 5061];
const UNCHECKED_PORTS = [5060, FLOOD_PORT];
/** Long connections live this long, in milliseconds; their rate follows from how many are to be held. */
const LONG_MS = [15_000, 25_000] as const;
/** Seconds that the top rate is measured. */
const TOP_SECONDS = 6;
/** Seconds of calm between troubles. */
const CALM_SECONDS = 2;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    rate: { type: 'string', default: '100' },
    held: { type: 'string', default: '200' },
    flood: { type: 'string' },
    plane: { type: 'string', default: 'proxy' },
  },
});

const plane = PLANES.find((one) => one === values.plane) ?? 'proxy';

async function main(): Promise<void> {
  const reasons = reasonsNotToRun();
  if (reasons.length > 0) throw new Error(reasons.join('; '));
  await sweep();
  const network = await Network.create({ plane });
  try {
    await soak(network, Number(values.minutes) * 60_000);
  } finally {
    await network.close();
  }
}

async function soak(network: Network, lengthMs: number): Promise<void> {
  const flood = await Flood.prepare(network);
  const [crowd, ...standIns] = await Promise.all([
    Crowd.start(network.client),
    ...network.servers.map((host) => StandIn.start(host, PORTS)),
  ]);
  const defaults = { timeouts: { connect: '500ms' } };
  const servers = serversOf(network.servers);
  const balancer = await Balancer.start(
    network,
    labConfig({ plane, servers, ports: [...PORTS, FLOOD_PORT], checkPorts: [5061, 443], defaults }),
  );
  const on: Soak = { balancer, standIns, troubles: [], watch: await FloodWatch.on(network) };
  const before = { rssKb: balancer.rssKb(), descriptors: balancer.descriptors() };
  const top = await topRate(flood, on);
  const rssKbAtTop = balancer.rssKb();
  const run = { rate: Number(values.flood ?? Math.round(top.perSecond / 2)), seconds: lengthMs / 1000 };
  const { loads, result } = await traffic(crowd, flood, on, run);

  await waitFor('all counts to be zero', async () => (await balancer.active()) === 0);
  // Checks hold a few descriptors for moments.
  await waitFor('all descriptors to be given back', () => balancer.descriptors() <= before.descriptors + 3);
  await on.watch.endStretch({ what: 'the end', failed: null, loses: false });
  const openAfterwards = await openAtServers(standIns);
  const floodSummary = accountOfFlood(on, result, run.rate);
  const summary = {
    minutes: lengthMs / 60_000,
    topRate: top.perSecond,
    flood: floodSummary,
    floodAcceptedByServer: await flood.close(),
    crowd: account(loads, on.troubles),
    troubles: countTroubles(on.troubles),
    openAtServersAfterwards: openAfterwards,
    activeAfterwards: await balancer.active(),
    descriptorsBefore: before.descriptors,
    descriptorsAfter: balancer.descriptors(),
    rssKbBefore: before.rssKb,
    rssKbAtTop,
    rssKbAfter: balancer.rssKb(),
  };
  process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
  const { lostOtherwise, resetsAtHealthyServers } = summary.crowd;
  const wrong = lostOtherwise + resetsAtHealthyServers + openAfterwards;
  if (wrong + floodSummary.unexplained.length > 0) process.exitCode = 1;
  await balancer.stop();
}

/** With all servers healthy and nobody else there. */
async function topRate(flood: Flood, on: Soak): Promise<FloodResult> {
  const top = await flood.topRate(TOP_SECONDS);
  process.stderr.write(`soak: the top rate is ${top.perSecond} connections a second\n`);
  const lost = Object.entries(top.errors).filter(([, n]) => n > 0);
  if (lost.length > 0) throw new Error(`connections failed at the top rate: ${JSON.stringify(top.errors)}`);
  await on.watch.endStretch({ what: 'top rate', failed: null, loses: false });
  return top;
}

interface FloodSummary extends FloodAccount, Omit<FloodResult, 'wholeCount'> {
  readonly rateWanted: number;
  readonly good: number;
}

function accountOfFlood(on: Soak, result: FloodResult, rateWanted: number): FloodSummary {
  const { perSecond, wholeCount, unfinished, errors, p50us, p99us, maxUs } = result;
  const figures = { rateWanted, perSecond, good: wholeCount, unfinished, errors, p50us, p99us, maxUs };
  return { ...figures, ...floodAccount(on.watch.stretches, result, rateWanted) };
}

/** On the ports that are not checked; on the others a check may stand open at any moment. */
async function openAtServers(standIns: readonly StandIn[]): Promise<number> {
  const all = standIns.flatMap((one) => UNCHECKED_PORTS.map((port) => one.kernelConnections(port)));
  const counts = await Promise.all(all);
  return counts.reduce((sum, count) => sum + count, 0);
}

interface Outcome {
  readonly loads: readonly LoadSummary[];
  readonly result: FloodResult;
}

/** The flood, the crowd's short and long connections beside it, and one trouble after the other. */
async function traffic(
  crowd: Crowd,
  flood: Flood,
  on: Soak,
  run: { rate: number; seconds: number },
): Promise<Outcome> {
  const startedAt = Date.now();
  const flooding = flood.atRate(run.rate, run.seconds);
  const short = await crowd.startLoad({ host: VIP, ports: PORTS, rate: Number(values.rate) });
  const meanSeconds = (LONG_MS[0] + LONG_MS[1]) / 2000;
  const rate = Number(values.held) / meanSeconds;
  const long = await crowd.startLoad({ host: VIP, ports: PORTS, rate, holdMs: LONG_MS });
  const calm = Math.round((run.rate * CALM_SECONDS) / on.standIns.length);
  await on.watch.calm(calm, () => flooding.over);
  for (let turn = 0; !flooding.over; turn += 1) {
    await trouble(on, turn);
    await on.watch.calm(calm, () => flooding.over);
    const done = Math.min(100, Math.round((Date.now() - startedAt) / run.seconds / 10));
    process.stderr.write(`soak: ${done} %, ${on.troubles.length} troubles\n`);
  }
  const loads = await Promise.all([crowd.stopLoad(short), crowd.stopLoad(long)]);
  return { loads, result: await flooding.result };
}

interface Account {
  readonly connections: number;
  readonly good: number;
  readonly exchanges: number;
  readonly lostOnFailedServers: number;
  /** Must be 0. */
  readonly lostOtherwise: number;
  /** The first ten of those. */
  readonly unexplained: readonly unknown[];
  /** As the servers count them. Must be 0. */
  readonly resetsAtHealthyServers: number;
}

function account(loads: readonly LoadSummary[], troubles: readonly Trouble[]): Account {
  const sum = (pick: (load: LoadSummary) => number): number =>
    loads.reduce((total, load) => total + pick(load), 0);
  const failures = loads.flatMap((load) => load.failures);
  const explainable = failures.filter((failure) => explained(failure, troubles)).length;
  return {
    connections: sum((load) => load.started),
    good: sum((load) => load.good),
    exchanges: sum((load) => load.exchanges),
    lostOnFailedServers: explainable,
    lostOtherwise: sum((load) => load.failed) - explainable,
    unexplained: failures.filter((failure) => !explained(failure, troubles)).slice(0, 10),
    resetsAtHealthyServers: troubles.reduce((total, one) => total + one.resetsElsewhere, 0),
  };
}

await main();
