/** Which addresses we added, in `<state>/addresses.json`. */
import { join } from 'node:path';
import * as z from 'zod';
import { processFile, type Self } from './process-file.ts';
import type { Owned } from './reconcile.ts';

export type { Self } from './process-file.ts';

const shape = {
  addresses: z.array(
    z.strictObject({
      address: z.string(),
      interfaceIndex: z.int(),
      /** Absent: it stands alone. */
      prefix: z.int().min(0).max(128).exactOptional(),
    }),
  ),
};

export interface OwnedStore {
  /** Those of processes that are no more, in this network, since the last boot. */
  load(): Promise<readonly Owned[]>;
  /** Atomic. @throws Error of the file system */
  save(ours: readonly Owned[]): Promise<void>;
}

/** @param warn told in one sentence when the file cannot be used; nothing is then known of an earlier run */
export function ownedStore(stateDir: string, warn: (text: string) => void, self?: Self): OwnedStore {
  const path = join(stateDir, 'addresses.json');
  const consequence = 'Addresses that an earlier run left behind are not removed.';
  const file = processFile({ path, shape, warn, consequence, ...(self && { self }) });
  return {
    load: async () => (await file.load()).flatMap(({ addresses }) => addresses),
    save: async (ours) => {
      const addresses = ours.map(({ address, interfaceIndex, prefix }) => ({
        address,
        interfaceIndex,
        ...(prefix === undefined ? {} : { prefix }),
      }));
      await file.save(addresses.length > 0 ? { addresses } : null);
    },
  };
}
