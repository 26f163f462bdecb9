/**
 * The soak: traffic for minutes while servers fail and return. By hand, as root, on a quiet machine:
 *
 *     node lab/soak.ts [--minutes 10] [--rate 300] [--held 200]
 *
 * Every few seconds a server loses a port, falls into a black hole, or is drained, and comes back. A connection may be
 * lost only on the server that failed, and only then. Prints a summary as JSON; exits with 1 if anything else happened.
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
import { StandIn } from './servers/stand-in.ts';
import { countTroubles, explained, type Soak, type Trouble, trouble } from './soak/troubles.ts';

const PORTS = [443, 5060, 5061];
const UNCHECKED_PORT = 5060;
/** Long connections live this long, in milliseconds; their rate follows from how many are to be held. */
const LONG_MS = [15_000, 25_000] as const;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    rate: { type: 'string', default: '300' },
    held: { type: 'string', default: '200' },
  },
});

async function main(): Promise<void> {
  const reasons = reasonsNotToRun();
  if (reasons.length > 0) throw new Error(reasons.join('; '));
  await sweep();
  const network = await Network.create();
  try {
    await soak(network, Number(values.minutes) * 60_000);
  } finally {
    await network.close();
  }
}

async function soak(network: Network, lengthMs: number): Promise<void> {
  const [crowd, ...standIns] = await Promise.all([
    Crowd.start(network.client),
    ...network.servers.map((host) => StandIn.start(host, PORTS)),
  ]);
  const defaults = { timeouts: { connect: '500ms' } };
  const servers = serversOf(network.servers);
  const balancer = await Balancer.start(
    network,
    labConfig({ servers, ports: PORTS, checkPorts: [5061, 443], defaults }),
  );
  const on: Soak = { balancer, standIns, troubles: [] };
  const before = { rssKb: balancer.rssKb(), descriptors: balancer.descriptors() };
  const loads = await traffic(crowd, on, lengthMs);

  await waitFor('all counts to be zero', async () => (await balancer.active()) === 0);
  // Checks hold a few descriptors for moments.
  await waitFor('all descriptors to be given back', () => balancer.descriptors() <= before.descriptors + 3);
  const summary = {
    minutes: lengthMs / 60_000,
    ...account(loads, on.troubles),
    openAtServersAfterwards: await openAtServers(standIns),
    activeAfterwards: await balancer.active(),
    descriptorsBefore: before.descriptors,
    descriptorsAfter: balancer.descriptors(),
    rssKbBefore: before.rssKb,
    rssKbAfter: balancer.rssKb(),
  };
  process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
  const wrong = summary.lostOtherwise + summary.resetsAtHealthyServers + summary.openAtServersAfterwards;
  if (wrong > 0) process.exitCode = 1;
  await balancer.stop();
}

/** On the port that is not checked; on the others a check may stand open at any moment. */
async function openAtServers(standIns: readonly StandIn[]): Promise<number> {
  const counts = await Promise.all(standIns.map((one) => one.kernelConnections(UNCHECKED_PORT)));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Short connections at the rate and long ones beside them, and one trouble after the other. */
async function traffic(crowd: Crowd, on: Soak, lengthMs: number): Promise<LoadSummary[]> {
  const startedAt = Date.now();
  const short = await crowd.startLoad({ host: VIP, ports: PORTS, rate: Number(values.rate) });
  const meanSeconds = (LONG_MS[0] + LONG_MS[1]) / 2000;
  const rate = Number(values.held) / meanSeconds;
  const long = await crowd.startLoad({ host: VIP, ports: PORTS, rate, holdMs: LONG_MS });
  for (let turn = 0; Date.now() - startedAt < lengthMs; turn += 1) {
    await trouble(on, turn);
    const done = Math.min(100, Math.round(((Date.now() - startedAt) / lengthMs) * 100));
    process.stderr.write(`soak: ${done} %, ${on.troubles.length} troubles\n`);
  }
  return Promise.all([crowd.stopLoad(short), crowd.stopLoad(long)]);
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
  readonly troubles: Record<string, number>;
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
    troubles: countTroubles(troubles),
  };
}

await main();
