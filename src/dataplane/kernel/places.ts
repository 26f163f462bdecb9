/**
 * Where the kernel data plane keeps what outlives its process: the maps under names in a bpffs, and beside the state a file
 * that says what they mean. Both folders are of this boot, this network namespace and this state directory: daemons in
 * several namespaces of a machine share one bpffs.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { PoolgateError } from '../../lib/errors.ts';
import { bootId, networkNamespace } from '../../network/process-file.ts';
import { BPF_FS, isBpfFileSystem } from './machine.ts';

export interface Places {
  readonly runFolder: string;
  readonly pins: string;
}

/** @param bpf the mounted file system */
export function placesOf(stateDir: string, bpf: string = BPF_FS): Places {
  const whose = [resolve(stateDir), networkNamespace(), bootId()].join('\n');
  const id = createHash('sha256').update(whose).digest('hex').slice(0, 16);
  return { runFolder: join(stateDir, 'kernel', id), pins: join(bpf, 'poolgate', id) };
}

/**
 * Has the file system there, and forgets what earlier runs noted of maps that are gone.
 * @throws PoolgateError SYSTEM
 */
export async function preparePlaces(stateDir: string, bpf: string = BPF_FS): Promise<Places> {
  if (!isBpfFileSystem(bpf)) await mountBpf(bpf);
  const places = placesOf(stateDir, bpf);
  const all = join(stateDir, 'kernel');
  for (const id of existsSync(all) ? readdirSync(all) : []) {
    if (!existsSync(join(bpf, 'poolgate', id))) rmSync(join(all, id), { recursive: true, force: true });
  }
  return places;
}

/** After a clean stop: folders that nobody uses any more. */
export function leavePlaces({ runFolder, pins }: Places): void {
  for (const folder of [pins, join(pins, '..'), runFolder, join(runFolder, '..')]) {
    try {
      rmdirSync(folder);
    } catch {
      // There are others in it, or it is gone.
    }
  }
}

async function mountBpf(bpf: string): Promise<void> {
  try {
    await promisify(execFile)('mount', ['-t', 'bpf', 'bpf', bpf], { timeout: 5000 });
  } catch (error) {
    const hint = `\`mount -t bpf bpf ${bpf}\`; systemd does so at boot.`;
    const words = error instanceof Error ? error.message.trim().split('\n').at(-1) : String(error);
    throw new PoolgateError('SYSTEM', `No file system for BPF can be mounted at ${bpf}: ${words}`, { hint });
  }
}
