/** Starts the kernel data plane, or goes on with what one before left in the kernel. */
import { PoolgateError } from '../../lib/errors.ts';
import type { DataPlane } from '../dataplane.ts';
import { sys } from '../proxy/libc.ts';
import { attach } from './bpf/attach.ts';
import { BpfProgram, unpin } from './bpf/program.ts';
import { trackedConnections } from './conntrack/limits.ts';
import { KernelPlane, type KernelPlaneOptions, release } from './kernel-plane.ts';
import { type Kept, RunFile } from './run-file.ts';

export type { KernelPlaneOptions } from './kernel-plane.ts';

const LEAST_CONNECTIONS = 65_536;
const MOST_CONNECTIONS = 1_048_576;

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
  try {
    const plane = new KernelPlane(program, { ...options, capacity, indexes, file }, adopted);
    await plane.prepare();
    for (const index of indexes) {
      attach(index, 'ingress', program.fd('from_clients'));
      attach(index, 'egress', program.fd('to_clients'));
    }
    // An interface that the process before had and this one has not.
    for (const old of adopted?.interfaces ?? []) if (!indexes.includes(old)) release(old);
    return plane;
  } catch (error) {
    program.close();
    throw error;
  }
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

function indexOf(name: string): number {
  const index = sys.if_nametoindex(name);
  if (index === 0) throw new PoolgateError('INTERFACE_MISSING', `there is no interface ${name}`);
  return index;
}

function defaultCapacity(): number {
  return Math.min(MOST_CONNECTIONS, Math.max(LEAST_CONNECTIONS, trackedConnections().max));
}
