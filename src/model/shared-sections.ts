/** Sections that stand both in `defaults` and where they are overridden. */
import { z } from 'zod';
import { type FieldMeta, optional } from './field.ts';
import { SCHEMA_DEFAULTS } from './schema-defaults.ts';
import { choice, duration, whole, yesNo } from './types.ts';

export const ALL_SCHEDULERS = ['rr', 'wrr', 'lc', 'wlc', 'sh', 'mh'] as const;

/** In `defaults` a value falls back to the schema, elsewhere to the key of `defaults`. */
function origin(key: string, value: unknown, place: Place): Pick<FieldMeta, 'default' | 'inherits'> {
  return place === 'defaults' ? { default: value } : { default: value, inherits: `defaults.${key}` };
}

export type Place = 'defaults' | 'override';

/** The pace and the limits of a health check. */
export function healthCheckPace(place: Place) {
  const { interval, timeout, rise, fall } = SCHEMA_DEFAULTS.healthCheck;
  return {
    interval: optional(duration('10ms', '1h'), {
      title: 'Interval',
      description:
        'Time from the start of one probe to the start of the next. Office Communications Server wants 5 s or more.',
      unit: 'duration',
      ...(place === 'override' ? { inherits: 'the profile, then defaults.healthCheck.interval' } : {}),
      default: interval,
    }),
    timeout: optional(duration('10ms', '1h'), {
      title: 'Probe timeout',
      description: 'A probe that has no answer after this long has failed. Keep it below the interval.',
      unit: 'duration',
      ...origin('healthCheck.timeout', timeout, place),
    }),
    rise: optional(whole(1, 100), {
      title: 'Rise',
      description: 'So many good probes in a row bring a check that is down up again.',
      unit: 'probes',
      ...origin('healthCheck.rise', rise, place),
    }),
    fall: optional(whole(1, 100), {
      title: 'Fall',
      description: 'So many failed probes in a row bring a check that is up down.',
      unit: 'probes',
      ...origin('healthCheck.fall', fall, place),
    }),
  };
}

export function timeouts(place: Place) {
  const { connect, idle, udpIdle } = SCHEMA_DEFAULTS.timeouts;
  return {
    connect: optional(duration('10ms', '10m'), {
      title: 'Connect timeout',
      description: 'How long a real server may take to accept a connection before another one is tried.',
      unit: 'duration',
      ...origin('timeouts.connect', connect, place),
    }),
    idle: optional(duration('100ms', '168h'), {
      title: 'Idle timeout',
      description:
        'A connection on which no payload byte went either way for this long is reset at both ends. TCP keep-alives ' +
        'do not count. Office Communications Server needs 30 minutes or more.',
      unit: 'duration',
      ...(place === 'override' ? { inherits: 'the profile, then defaults.timeouts.idle' } : {}),
      default: idle,
    }),
    udpIdle: optional(duration('1s', '24h'), {
      title: 'UDP idle timeout',
      description: 'A UDP flow without a datagram for this long ends silently.',
      unit: 'duration',
      ...origin('timeouts.udpIdle', udpIdle, place),
    }),
  };
}

export function drain(place: Place) {
  return {
    timeout: optional(duration('0s', '168h'), {
      title: 'Drain timeout',
      description: 'Connections that are still open so long after their server began to drain are reset.',
      unit: 'duration',
      ...origin('drain.timeout', SCHEMA_DEFAULTS.drain.timeout, place),
    }),
    keepPersistence: optional(yesNo(), {
      title: 'Persistent clients during a drain',
      description:
        'Whether clients with a persistence entry may still open connections to a server that drains.',
      ...origin('drain.keepPersistence', SCHEMA_DEFAULTS.drain.keepPersistence, place),
    }),
  };
}

export function scheduler(
  place: Place,
): z.ZodOptional<z.ZodEnum<{ [S in (typeof ALL_SCHEDULERS)[number]]: S }>> {
  return optional(choice(ALL_SCHEDULERS), {
    title: 'Scheduler',
    description:
      'How a server is chosen: `rr` round robin, `wrr` weighted round robin, `lc` least connections, `wlc` weighted ' +
      'least connections, `sh` source hash, `mh` Maglev hash.',
    ...(place === 'override' ? { inherits: 'the profile, then defaults.scheduler' } : {}),
    default: SCHEMA_DEFAULTS.scheduler,
  });
}

export function onDown(place: Place) {
  return optional(choice(['reset', 'keep']), {
    title: 'When a server goes down',
    description:
      '`reset`: both ends of its connections are reset at the verdict. `keep`: they are left alone.',
    ...origin('onDown', SCHEMA_DEFAULTS.onDown, place),
  });
}
