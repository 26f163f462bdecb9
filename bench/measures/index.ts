import type { MeasureName } from '../metrics.ts';
import { bulk } from './bulk.ts';
import { connections } from './connections.ts';
import type { Measure } from './measure.ts';
import { memory } from './memory.ts';
import { roundtrips } from './roundtrips.ts';

/** Every measure, in the order in which they run. */
export const MEASURES = { connections, roundtrips, bulk, memory } as const satisfies Record<
  MeasureName,
  Measure
>;
export const MEASURE_NAMES = Object.keys(MEASURES) as MeasureName[];
