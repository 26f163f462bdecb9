/** The filters of connections as the API and the command line take them. */
import { z } from 'zod';
import { clientTest } from '../dataplane/connection-filter.ts';
import type { ConnectionFilter } from '../dataplane/dataplane.ts';
import { parseAddress } from '../model/address.ts';
import { parseDuration } from '../model/duration.ts';

/** The header of the answer that says whether `limit` cut the list. */
export const MORE_HEADER = 'poolgate-more';

const duration = z
  .string()
  .refine((text) => parseDuration(text) !== null, 'must be a duration such as 30s, 5m or 1h');
const name = z.string().min(1);

/** As given: durations are texts with a unit. */
export const connectionParts = {
  id: name.exactOptional().meta({ description: 'One connection' }),
  pool: name.exactOptional(),
  realServer: name.exactOptional().meta({ description: 'Its name' }),
  service: name.exactOptional(),
  client: z
    .string()
    .refine((text) => clientTest(text) !== null, 'must be an address, or a network such as 192.0.2.0/24')
    .exactOptional()
    .meta({ description: 'An address, or a network as 192.0.2.0/24' }),
  vip: z
    .string()
    .refine((text) => parseAddress(text).ok, 'must be an address')
    .exactOptional()
    .meta({ description: 'The VIP’s address' }),
  port: z.coerce
    .number()
    .int()
    .min(1)
    .max(65_535)
    .exactOptional()
    .meta({ description: 'The VIP’s port, of either protocol' }),
  idleOver: duration.exactOptional().meta({ description: 'No payload for longer than this, e.g. 30m' }),
  ageOver: duration.exactOptional().meta({ description: 'Open for longer than this, e.g. 12h' }),
};

const parts = z.strictObject(connectionParts);

/** @param given what the schema took */
export function filterOf({ idleOver, ageOver, ...rest }: z.output<typeof parts>): ConnectionFilter {
  const [idleOverMs, ageOverMs] = [idleOver, ageOver].map((text) =>
    text === undefined ? null : parseDuration(text),
  );
  return {
    ...rest,
    ...(typeof idleOverMs === 'number' && { idleOverMs }),
    ...(typeof ageOverMs === 'number' && { ageOverMs }),
  };
}
