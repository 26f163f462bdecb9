/** Puts the running balancer together. */
import type { DataPlane } from '../dataplane/dataplane.ts';
import type { Probe } from '../health/probe.ts';
import { HealthRunner } from '../health/runner.ts';
import type { Clock } from '../lib/clock.ts';
import { realClock } from '../lib/clock.ts';
import type { HealthCheck } from '../model/effective.ts';
import { AddressKeeper } from '../network/keeper.ts';
import { type MachineNetwork, machineNetwork } from '../network/network.ts';
import { ownedStore } from '../network/owned-file.ts';
import { trouble } from '../network/say.ts';
import { Balancer, STARTING } from './balancer.ts';
import type { LoadedConfig } from '../config/loaded.ts';
import type { ConfigFile } from './config-file.ts';
import type { RunningController } from './contract.ts';
import { ConfigHistory } from './config-history.ts';
import { LiveController } from './controller.ts';
import type { DrainDeadlines } from './drain-deadlines.ts';
import { drainDeadlines } from './drain-deadlines.ts';
import type { EventLog } from './events.ts';
import { createEventLog } from './events.ts';
import type { LiveStore } from './live-file.ts';
import { liveStore } from './live-file.ts';
import { stateUnsaved } from './messages.ts';
import { stillValid } from './overrides.ts';

export interface ControllerOptions {
  /** The config that was read and found good. */
  readonly config: LoadedConfig;
  readonly configFile: ConfigFile;
  /** Not told anything yet; the controller closes it. */
  readonly plane: DataPlane;
  /** Where live changes are kept; made if it does not exist. */
  readonly stateDir: string;
  readonly version: string;
  /** Why this data plane, in one line. */
  readonly dataPlaneReason: string;
  readonly clock?: Clock;
  /** This machine's, unless a test says otherwise; untouched by configs without `topology.interface`. */
  readonly network?: MachineNetwork;
  readonly probes?: Readonly<Partial<Record<HealthCheck['type'], Probe>>>;
}

export interface ControllerParts {
  readonly configFile: ConfigFile;
  readonly plane: DataPlane;
  readonly version: string;
  readonly dataPlaneReason: string;
  readonly clock: Clock;
  readonly events: EventLog;
  readonly liveStore: LiveStore;
  readonly history: ConfigHistory;
  readonly runner: HealthRunner;
  readonly deadlines: DrainDeadlines;
  readonly addresses: AddressKeeper;
}

/** Reads the live changes of the last run; nothing runs before `start()`. */
export async function createController(options: ControllerOptions): Promise<RunningController> {
  const {
    config,
    configFile,
    plane,
    stateDir,
    version,
    dataPlaneReason,
    clock = realClock,
    network = machineNetwork(clock),
    probes,
  } = options;
  const events = createEventLog(clock);
  const store = liveStore(stateDir, config.file, (text) => events.emit(stateUnsaved(text)));
  const overrides = stillValid(await store.load(), config.effective);
  const history = new ConfigHistory({ stateDir, configFile, clock, events }, config.file);
  await history.load();
  const runner = new HealthRunner({
    clock,
    onChange: () => controller.wake(),
    excuse: () => plane.losesPackets?.() ?? null,
    ...(plane.servedBefore && { servedBefore: plane.servedBefore }),
    ...(probes && { probes }),
  });
  const deadlines = drainDeadlines(clock, (key) => controller.expireDrain(key));
  const { emit: tell } = events;
  const owned = ownedStore(stateDir, (text) => tell(trouble(text, STARTING)));
  const addresses = new AddressKeeper({
    network,
    store: owned,
    clock,
    tell,
    sourcesInUse: () => sources(plane),
  });
  const shared = { plane, clock, events, runner, deadlines, addresses };
  const balancer = new Balancer({ config, overrides }, shared);
  const controller: LiveController = new LiveController(
    { ...shared, configFile, version, dataPlaneReason, liveStore: store, history },
    balancer,
  );
  return controller;
}

const MOST_CONNECTIONS = 1_000_000;

/** Asked only when an address goes. */
async function sources(plane: DataPlane): Promise<ReadonlySet<string>> {
  const open = await plane.connections({ limit: MOST_CONNECTIONS });
  return new Set(open.map(({ source }) => source.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1')));
}
