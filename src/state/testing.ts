/** For tests of the running state: a controller over a fake plane, a config file in memory and checks by script. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FakePlane } from '../dataplane/fake.ts';
import { createFakePlane } from '../dataplane/fake.ts';
import type { Probe } from '../health/probe.ts';
import { PoolgateError } from '../lib/errors.ts';
import type { ManualClock } from '../lib/manual-clock.ts';
import { manualClock } from '../lib/manual-clock.ts';
import type { EffectiveConfig, EffectivePool, EffectiveServer, HealthCheck } from '../model/effective.ts';
import { fakeInterface, type FakeNetwork, fakeNetwork } from '../network/testing.ts';
import type { LoadedConfig } from '../config/loaded.ts';
import type { ConfigFile } from './config-file.ts';
import type { PlanStep, RunningController } from './contract.ts';
import { createController } from './create-controller.ts';
import { oneArmed } from '../model/effective.ts';

export function server(name: string, more: Partial<EffectiveServer> = {}): EffectiveServer {
  return {
    name,
    fqdn: null,
    address: `10.0.0.${40 + Number(name.slice(-2))}`,
    weight: 1,
    maxConnections: 0,
    admin: 'ready',
    ...more,
  };
}

export function check(port: number, more: Partial<HealthCheck> = {}): HealthCheck {
  return { type: 'tcp', port, intervalMs: 5000, timeoutMs: 3000, rise: 2, fall: 3, ...more };
}

/** One service on 443 and 5061 in front of ocspool with fe01 and fe02, checked on 5061 and 444. */
export function config(
  pool: Partial<EffectivePool> = {},
  more: Partial<EffectiveConfig> = {},
): EffectiveConfig {
  return {
    dataPlane: 'proxy',
    admin: { host: '127.0.0.1', port: 9080 },
    shutdownTimeoutMs: 10_000,
    topology: oneArmed(null),
    pools: [
      {
        name: 'ocspool',
        profile: null,
        fqdn: null,
        healthChecks: [check(5061), check(444)],
        onDown: 'reset',
        drain: { timeoutMs: 3_600_000, keepPersistence: false },
        realServers: [server('fe01'), server('fe02')],
        fallback: null,
        ...pool,
      },
    ],
    services: [
      {
        name: 'ocs',
        vip: '10.0.0.40',
        pool: 'ocspool',
        ports: [
          { protocol: 'tcp', first: 443, last: 443, serverFirst: 443 },
          { protocol: 'tcp', first: 5061, last: 5061, serverFirst: 5061 },
        ],
        scheduler: 'wlc',
        redispatch: true,
        nat: 'full',
        snat: null,
        connectTimeoutMs: 4000,
        idleTimeoutMs: 1_800_000,
        udpIdleMs: 60_000,
        persistence: null,
        maxConnections: 0,
        limits: { newConnectionsPerSecondPerSource: 0, connectionsPerSource: 0 },
      },
    ],
    ...more,
  };
}

export interface MemoryFile extends ConfigFile {
  /** What is on disk; assign to edit behind the controller's back. */
  disk: string;
  failStage: Error | null;
  failCommit: Error | null;
  /** Staged and neither committed nor discarded. */
  pending: number;
}

/** Its texts are effective configs as JSON; a text with `"bad"` in it is rejected. */
export function memoryFile(first: EffectiveConfig): MemoryFile {
  const file: MemoryFile = {
    disk: textOf(first),
    failStage: null,
    failCommit: null,
    pending: 0,
    parse,
    plan: planOf,
    read: async () => parse(file.disk),
    stage: async (next, lastRead) => {
      if (file.failStage) throw file.failStage;
      if (![lastRead, next.hash].includes(hashOf(file.disk))) {
        throw new PoolgateError('CONFIG_CHANGED', 'The file has changed on disk.');
      }
      file.pending++;
      return {
        commit: async () => {
          if (file.failCommit) throw file.failCommit;
          file.pending--;
          file.disk = next.text;
        },
        discard: async () => void file.pending--,
      };
    },
  };
  return file;
}

export function textOf(effective: EffectiveConfig): string {
  return JSON.stringify(effective);
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function parse(text: string): LoadedConfig {
  if (text.includes('"bad"')) throw new PoolgateError('CONFIG_INVALID', 'poolgate.yaml:1:1: bad');
  return {
    file: '/etc/poolgate.yaml',
    text,
    hash: hashOf(text),
    effective: JSON.parse(text),
    provenance: [],
  };
}

function planOf(from: EffectiveConfig, to: EffectiveConfig): PlanStep[] {
  const keys = ['pools', 'services', 'admin'] as const;
  return keys
    .filter((key) => JSON.stringify(from[key]) !== JSON.stringify(to[key]))
    .map((key) => ({
      action: 'change',
      what: key,
      from: null,
      to: null,
      applies: key === 'admin' ? 'restart' : 'live',
      cuts: null,
    }));
}

/** Which `ADDRESS:PORT` refuses, and which does not answer; all others are good after 1 ms. */
export interface Network {
  readonly refusing: Set<string>;
  readonly silent: Set<string>;
  readonly probed: string[];
  readonly probe: Probe;
}

export function network(): Network {
  const refusing = new Set<string>();
  const silent = new Set<string>();
  const probed: string[] = [];
  const probe: Probe = async (target, clock, signal) => {
    const where = `${target.address}:${target.port}`;
    probed.push(where);
    const isSilent = silent.has(where);
    const durationMs = isSilent ? target.timeoutMs : 1;
    await new Promise<void>((done) => {
      const timer = clock.after(durationMs, done);
      signal.addEventListener('abort', () => [timer.cancel(), done()]);
    });
    if (isSilent) return { result: 'L4TOUT', good: false, text: 'Connection timed out', durationMs };
    if (refusing.has(where)) return { result: 'L4CON', good: false, text: 'Connection refused', durationMs };
    return { result: 'L4OK', good: true, text: '', durationMs };
  };
  return { refusing, silent, probed, probe };
}

export interface Bench {
  readonly clock: ManualClock;
  readonly plane: FakePlane;
  readonly file: MemoryFile;
  readonly net: Network;
  /** The interface eth0 of this machine; for configs with `topology.interface`. */
  readonly machine: FakeNetwork;
  readonly stateDir: string;
  readonly controller: RunningController;
  /** Names of the servers that the plane may choose. */
  selectable(): string[];
  kinds(): string[];
  message(kind: string): string | undefined;
  /** Another start on the same state directory and file, with a new plane. */
  restart(): Promise<Bench>;
  end(): Promise<void>;
}

export async function bench(first: EffectiveConfig = config(), earlier?: Bench): Promise<Bench> {
  const clock = earlier?.clock ?? manualClock();
  const file = earlier?.file ?? memoryFile(first);
  const net = earlier?.net ?? network();
  const stateDir = earlier?.stateDir ?? (await mkdtemp(join(tmpdir(), 'poolgate-state-')));
  const machine = earlier?.machine ?? fakeNetwork(fakeInterface(2, 'eth0', ['10.0.0.5/24']));
  const plane = createFakePlane();
  const controller = await createController({
    config: await file.read(),
    configFile: file,
    plane,
    stateDir,
    version: '0.0.0',
    dataPlaneReason: 'a test',
    clock,
    network: machine,
    probes: { tcp: net.probe, https: net.probe },
  });
  const made: Bench = {
    clock,
    plane,
    file,
    net,
    machine,
    stateDir,
    controller,
    selectable: () =>
      plane.state().pools.flatMap((p) => p.servers.filter((s) => s.selectable).map((s) => s.name)),
    kinds: () => controller.recentEvents().map((e) => e.kind),
    message: (kind) => controller.recentEvents().findLast((e) => e.kind === kind)?.message,
    restart: async () => {
      await controller.stop();
      return bench(first, made);
    },
    end: async () => {
      await controller.stop();
      await rm(stateDir, { recursive: true, force: true });
    },
  };
  return made;
}

/** Started, and every server has its first verdict. */
export async function readyBench(first?: EffectiveConfig): Promise<Bench> {
  const made = await bench(first);
  await made.controller.start();
  await made.clock.advance(3000);
  return made;
}
