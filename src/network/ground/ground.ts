/**
 * What must be so beneath the addresses while the kernel data plane runs: the bridge of the transparent topology, and
 * forwarding between our interfaces. It is recorded before it is changed, and put back at the end or by the next start.
 */
import { join } from 'node:path';
import * as z from 'zod';
import { BRIDGE, type EffectiveTopology } from '../../model/effective.ts';
import { readInterfaces, type RunIp, runIp } from '../iproute.ts';
import { processFile, type ProcessFile } from '../process-file.ts';
import {
  type BridgePlan,
  checkBridge,
  type MadeBridge,
  planned,
  raiseBridge,
  removeBridge,
} from './bridge.ts';
import { type Forwarded, forwardingSwitches, putBack, type Switch } from './switches.ts';
import { machineSysctls, type Sysctls } from './sysctls.ts';
import { type Clock, realClock } from '../../lib/clock.ts';
import { type Periodic, periodically } from '../../lib/periodically.ts';

/** How often is looked whether the settings are still as we set them. */
export const LOOK_EVERY_MS = 10_000;

const shape = {
  switches: z.array(
    z.strictObject({
      path: z.string().regex(/^(ipv[46]\/conf\/[^/]+\/[a-z_]+|bridge\/bridge-nf-call-[a-z\d]+)$/),
      before: z.string().max(20),
      set: z.string().max(20),
    }),
  ),
  bridge: z
    .strictObject({
      name: z.string().max(15),
      ports: z.array(z.strictObject({ name: z.string().max(15), wasUp: z.boolean() })),
    })
    .nullable(),
};
type Changed = z.infer<z.ZodObject<typeof shape>>;

export interface GroundParts {
  readonly stateDir: string;
  /** Told in one sentence of what does not work and stops nothing. */
  readonly warn: (text: string) => void;
  readonly clock?: Clock;
  readonly run?: RunIp;
  readonly sysctls?: Sysctls;
}

export class Ground {
  readonly #parts: GroundParts;
  readonly #run: RunIp;
  readonly #sysctls: Sysctls;
  readonly #file: ProcessFile<Changed>;
  #switches: readonly Switch[] = [];
  #bridge: MadeBridge | null = null;
  #recorded = false;
  #tookOver = false;
  #looking: Periodic | null = null;

  constructor(parts: GroundParts) {
    this.#parts = parts;
    this.#run = parts.run ?? runIp;
    this.#sysctls = parts.sysctls ?? machineSysctls;
    const path = join(parts.stateDir, 'ground.json');
    const consequence = 'Settings and the bridge that an earlier run left behind stay as they are.';
    this.#file = processFile({ path, shape, warn: parts.warn, consequence });
  }

  /** Whether an earlier run left something. */
  get tookOver(): boolean {
    return this.#tookOver;
  }

  /**
   * Takes over what an earlier run left, puts back what is not needed any more of it, and makes the bridge if there is to
   * be one.
   * @throws PoolgateError INTERFACE_MISSING, INTERFACE_BUSY, SYSTEM; a bridge that is not complete is taken away again
   */
  async lay(topology: EffectiveTopology): Promise<void> {
    const earlier = await this.#file.load();
    this.#recorded = earlier.length > 0;
    this.#tookOver = this.#recorded;
    this.#switches = earlier.flatMap(({ switches }) => switches);
    for (const { bridge } of earlier) {
      if (bridge === null) continue;
      if (topology.mode === 'transparent') this.#bridge = bridge;
      else await removeBridge(bridge, this.#run);
    }
    if (topology.mode !== 'transparent') return this.#record();
    const { bridgePorts: ports, gateway } = topology;
    await this.#bridgeUp({ name: BRIDGE, ports, gateway });
  }

  async #bridgeUp(plan: BridgePlan): Promise<void> {
    const interfaces = await readInterfaces(this.#run);
    const ours = this.#bridge !== null;
    checkBridge(plan, interfaces, ours);
    this.#bridge ??= planned(plan, interfaces);
    await this.#record();
    try {
      await raiseBridge(plan, interfaces, this.#run);
    } catch (error) {
      if (!ours) await this.#removeBridge();
      throw error;
    }
  }

  /**
   * The settings that {@link forward} changes, for these interfaces and families.
   * @throws PoolgateError INTERFACE_MISSING, SYSTEM
   */
  plan(wish: Forwarded): readonly Switch[] {
    const earlier = this.#switches;
    // As it was before us: what the earlier run set is not what is to be put back.
    const asBefore: Sysctls = {
      ...this.#sysctls,
      read: (path) => earlier.find((one) => one.path === path)?.before ?? this.#sysctls.read(path),
    };
    return forwardingSwitches(wish, asBefore);
  }

  /** Switches forwarding on. @throws PoolgateError INTERFACE_MISSING, SYSTEM */
  async forward(wish: Forwarded): Promise<void> {
    const earlier = this.#switches;
    const wanted = this.plan(wish);
    const needed = new Set(wanted.map(({ path }) => path));
    putBack(
      earlier.filter(({ path }) => !needed.has(path)),
      this.#sysctls,
    );
    this.#switches = wanted;
    await this.#record();
    for (const { path, set } of wanted) {
      if (this.#sysctls.read(path) !== set) this.#sysctls.write(path, set);
    }
    const { clock = realClock } = this.#parts;
    if (wanted.length > 0) this.#looking ??= periodically(clock, LOOK_EVERY_MS, async () => this.#look());
  }

  /** \`sysctl --system\` and network services set what their own files say, and no connection would pass any more. */
  #look(): void {
    try {
      for (const { path, set } of this.#switches) {
        const now = this.#sysctls.read(path);
        // An interface that is gone has no settings, and nobody who would miss them.
        if (now === null || now === set) continue;
        this.#sysctls.write(path, set);
        this.#parts.warn(
          `/proc/sys/net/${path} had been set to ${now} by somebody else; set to ${set} again.`,
        );
      }
    } catch (error) {
      this.#trouble(error);
    }
  }

  /** Forwarding is as it was before us. Does not fail. */
  async stopForwarding(): Promise<void> {
    this.#looking?.close();
    this.#looking = null;
    try {
      putBack(this.#switches, this.#sysctls);
      this.#switches = [];
      await this.#record();
    } catch (error) {
      this.#trouble(error);
    }
  }

  /** Puts everything back. Safe to call twice; does not fail. @param keepBridge it stays, for the next start */
  async close(keepBridge: boolean): Promise<void> {
    await this.stopForwarding();
    if (!keepBridge) await this.#removeBridge();
  }

  async #removeBridge(): Promise<void> {
    if (this.#bridge === null) return;
    try {
      await removeBridge(this.#bridge, this.#run);
      this.#bridge = null;
      await this.#record();
    } catch (error) {
      this.#trouble(error);
    }
  }

  async #record(): Promise<void> {
    const nothing = this.#switches.length === 0 && this.#bridge === null;
    // A config that changes nothing here writes no file.
    if (nothing && !this.#recorded) return;
    this.#recorded = true;
    await this.#file.save(nothing ? null : { switches: [...this.#switches], bridge: this.#bridgeRecord() });
  }

  #bridgeRecord(): Changed['bridge'] {
    return this.#bridge && { name: this.#bridge.name, ports: [...this.#bridge.ports] };
  }

  #trouble(error: unknown): void {
    this.#parts.warn(error instanceof Error ? error.message : String(error));
  }
}
