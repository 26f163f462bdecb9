/** What the kernel's maps mean, for the process after this one: it goes on with them instead of beginning anew. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { writeAtomically } from '../../lib/atomic-file.ts';
import type { DesiredState } from '../dataplane.ts';
import type { Situation } from './kernel-plane.ts';
import { numbersToJson } from './maps/numbers.ts';

export interface Kept extends Situation {
  /** Indexes of the interfaces that the programs stand at. */
  readonly interfaces: readonly number[];
}

/** Another one whenever the file says something in another way. */
const VERSION = 1;

const number = z.int().nonnegative();
const round = z.object({ last: number, of: z.array(z.tuple([z.string(), number])) });
const server = z.object({ position: number, generation: number, address: z.string() });
const pool = z.object({ id: number, servers: z.array(z.tuple([z.string(), server])) });
const contents = z.object({
  version: z.literal(VERSION),
  interfaces: z.array(number),
  state: z.custom<DesiredState>(
    (value) =>
      Array.isArray((value as DesiredState)?.pools) && Array.isArray((value as DesiredState).services),
  ),
  numbers: z.object({
    pools: z.array(z.tuple([z.string(), pool])),
    services: z.array(z.tuple([z.string(), number])),
    targets: round,
    sources: round,
    ranges: round,
    lastGeneration: number,
  }),
  baselines: z.array(z.tuple([z.string(), z.array(z.string().regex(/^\d{1,20}$/))])),
});

export class RunFile {
  private readonly path: string;

  constructor(folder: string) {
    this.path = join(folder, 'kernel-plane.json');
  }

  /** Null when there is none, or none that can be understood. */
  async read(): Promise<Kept | null> {
    try {
      const { interfaces, state, numbers, baselines } = contents.parse(
        JSON.parse(await readFile(this.path, 'utf8')),
      );
      return {
        interfaces,
        state,
        numbers: {
          pools: new Map(
            numbers.pools.map(([name, { id, servers }]) => [name, { id, servers: new Map(servers) }]),
          ),
          services: new Map(numbers.services),
          targets: { ...numbers.targets, of: new Map(numbers.targets.of) },
          sources: { ...numbers.sources, of: new Map(numbers.sources.of) },
          ranges: { ...numbers.ranges, of: new Map(numbers.ranges.of) },
          lastGeneration: numbers.lastGeneration,
        },
        baselines: new Map(baselines.map(([key, sums]) => [key, sums.map(BigInt)])),
      };
    } catch {
      return null;
    }
  }

  /** @throws Error of the file system */
  async write({ interfaces, state, numbers, baselines }: Kept): Promise<void> {
    const totals = [...baselines].map(([key, sums]) => [key, sums.map(String)]);
    const text = JSON.stringify({
      version: VERSION,
      interfaces,
      state,
      numbers: numbersToJson(numbers),
      baselines: totals,
    });
    await writeAtomically(this.path, text);
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true });
  }
}
