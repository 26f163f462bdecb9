import { PoolgateError } from '../../lib/errors.ts';
import type { Format } from './remark.ts';

const WANTS = {
  haproxy: 'no virtual service has a TCP port, and HAProxy does not start without one',
  keepalived: 'no virtual service leads to a server that IPVS could reach',
} as const satisfies Partial<Record<Format, string>>;

/** A file that the program would not start with is worse than none. */
export function nothingFor(format: keyof typeof WANTS, file: string): PoolgateError {
  return new PoolgateError('NOTHING_TO_EXPORT', `${file} has nothing for ${format}: ${WANTS[format]}.`);
}
