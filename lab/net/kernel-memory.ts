/** What the kernel itself holds for connections, from /proc/slabinfo (slabinfo(5)). Needs root. */
import { readFileSync } from 'node:fs';

interface Cache {
  readonly objects: number;
  readonly bytes: number;
}

export type KernelMemory = ReadonlyMap<string, Cache>;

const PAGE = 4096;

export function kernelMemory(): KernelMemory {
  const caches = new Map<string, Cache>();
  for (const line of readFileSync('/proc/slabinfo', 'utf8').split('\n').slice(2)) {
    const [name = '', active, , , , pagesPerSlab, ...rest] = line.split(/\s+/);
    const slabs = rest[rest.indexOf('slabdata') + 2];
    if (name !== '')
      caches.set(name, { objects: Number(active), bytes: Number(slabs) * Number(pagesPerSlab) * PAGE });
  }
  return caches;
}

/**
 * Bytes for each of so many things that came between two looks. Only caches count that got an object for every second
 * thing or more: the rest of the machine goes on meanwhile, and its files and processes are not ours.
 */
export function bytesForEach(before: KernelMemory, after: KernelMemory, things: number): number {
  let bytes = 0;
  for (const [name, now] of after) {
    const then = before.get(name) ?? { objects: 0, bytes: 0 };
    if (now.objects - then.objects >= things / 2) bytes += now.bytes - then.bytes;
  }
  return bytes / things;
}
