/** Starts the kernel data plane, or goes on with what one before left in the kernel. */
import { randomInt } from 'node:crypto';
import { realClock } from '../../lib/clock.ts';
import { PoolgateError } from '../../lib/errors.ts';
import type { DataPlane } from '../dataplane.ts';
import { sys } from '../proxy/libc.ts';
import type { Value } from './bpf/codec.ts';
import { attach } from './bpf/attach.ts';
import { BpfProgram, unpin } from './bpf/program.ts';
import { trackedConnections } from './conntrack/limits.ts';
import { KernelPlane, type KernelPlaneOptions, release } from './kernel-plane.ts';
import { removeTranslation } from './nat/table.ts';
import { type Kept, RunFile } from './run-file.ts';
import { keepUp, type Upkeep } from './upkeep.ts';

export type { KernelPlaneOptions } from './kernel-plane.ts';

const LEAST_CONNECTIONS = 65_536;
const MOST_CONNECTIONS = 1_048_576;
/** Source ports begin somewhere else with each start. */
const MOST_SALT = 65_536;

/**
 * The data plane in the kernel: programs at TC decide and count (bpf/), our nftables table and conntrack translate
 * (nat/). This process tells them what is desired, ends idle connections and answers questions; packets go on without
 * it.
 * @throws PoolgateError SYSTEM, INTERFACE_MISSING
 */
export async function createKernelPlane(options: KernelPlaneOptions): Promise<DataPlane> {
  const indexes = options.interfaces.map(indexOf);
  const file = options.runFolder === null ? null : new RunFile(options.runFolder);
  const kept = options.pins === null ? null : ((await file?.read()) ?? null);
  const capacity = options.connections ?? defaultCapacity();
  const { program, adopted } = loadPrograms(options, capacity, kept);
  let upkeep: Upkeep | null = null;
  // Called when the last connection is over: what is taken away from then on is ours to take.
  const beforeRelease = async (): Promise<void> => {
    upkeep?.close();
    for (const index of upkeep?.later ?? []) release(index);
    await options.beforeRelease?.();
  };
  try {
    const plane = new KernelPlane(program, { ...options, beforeRelease, capacity, indexes, file }, adopted);
    await plane.prepare();
    const salt = randomInt(MOST_SALT);
    const stand = (): void => program.maps.places.set(0, placeOf(options, salt));
    stand();
    const programs = { ingress: program.fd('from_clients'), egress: program.fd('to_clients') };
    for (const index of indexes) {
      attach(index, 'ingress', programs.ingress);
      attach(index, 'egress', programs.egress);
    }
    // An interface that the process before had and this one has not.
    for (const old of adopted?.interfaces ?? []) if (!indexes.includes(old)) release(old);
    const tell = (message: string): void => options.onTrouble?.(message);
    const lookAround = async (): Promise<boolean> => {
      await plane.lookForFilters();
      return plane.restoreTable();
    };
    upkeep = keepUp(
      { clock: realClock, interfaces: options.interfaces, programs, restoreTable: lookAround, stand, tell },
      indexes,
    );
    return plane;
  } catch (error) {
    if (adopted === null) await takeBack(indexes, options.pins);
    program.close();
    throw error;
  }
}

/** Of a start that failed; what an earlier process left at work stays. */
async function takeBack(indexes: readonly number[], pins: string | null): Promise<void> {
  for (const index of indexes) release(index);
  // It is told why the start failed, and that may be the reason why this does too.
  await removeTranslation().catch(() => {});
  if (pins !== null) unpin(pins);
}

/** Goes on with the maps of the process before where they fit; else begins with none. */
function loadPrograms(
  { pins, onTrouble }: KernelPlaneOptions,
  connections: number,
  kept: Kept | null,
): { program: BpfProgram; adopted: Kept | null } {
  if (pins === null) return { program: BpfProgram.load({ connections }), adopted: null };
  if (kept !== null) {
    try {
      return { program: BpfProgram.load({ connections, pins }), adopted: kept };
    } catch (error) {
      const why = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
      onTrouble?.(
        `Connections that were open before this start go on, but are not counted: the kernel's tables are of another version or size (${why}).`,
      );
    }
  }
  unpin(pins);
  return { program: BpfProgram.load({ connections, pins }), adopted: null };
}

/** Where the programs stand. An interface that is gone for the moment is none. */
function placeOf({ interfaces, serversInterface }: KernelPlaneOptions, salt: number): Value {
  return {
    hooked: interfaces.map((name) => sys.if_nametoindex(name)),
    of_servers: serversInterface === null ? 0 : sys.if_nametoindex(serversInterface),
    salt,
  };
}

function indexOf(name: string): number {
  const index = sys.if_nametoindex(name);
  if (index === 0) throw new PoolgateError('INTERFACE_MISSING', `there is no interface ${name}`);
  return index;
}

function defaultCapacity(): number {
  return Math.min(MOST_CONNECTIONS, Math.max(LEAST_CONNECTIONS, trackedConnections().max));
}
