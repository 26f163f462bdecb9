/** The log: JSON lines on stderr. It listens to events; what moves bytes never writes here. */
import type { Logger } from 'pino';
import { destination, pino, stdTimeFunctions } from 'pino';
import type { Controller, PoolgateEvent, StatusView } from '../state/contract.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const STDERR = 2;

export interface LogOptions {
  /** Default `info`. */
  readonly level?: LogLevel;
  /** File descriptor; default 2, stderr. */
  readonly fd?: number;
}

/** Written at once, so that the last line before an end is there. Header and token fields never appear. */
export function createLogger({ level = 'info', fd = STDERR }: LogOptions = {}): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: ['token', 'authorization', '*.token', '*.authorization'], censor: '(secret)' },
    },
    destination({ fd, sync: true }),
  );
}

/** One fixed text per kind, so that a log can be searched and counted; the sentence itself stands in `detail`. */
const TEXTS = {
  ready: 'ready',
  'server-up': 'server up',
  'server-down': 'server down',
  'server-admin': 'server administrative state changed',
  'server-weight': 'server weight changed',
  'server-added': 'server added',
  'server-removed': 'server removed',
  'drain-expired': 'drain over',
  'pool-empty': 'pool without usable server',
  'pool-usable': 'pool usable again',
  'source-ports-low': 'source ports nearly used up',
  'source-ports-free': 'source ports free again',
  'source-ports-out': 'no source port was free',
  'config-applied': 'config applied',
  'config-rejected': 'config rejected',
  'connections-reset': 'connections reset',
  'plane-failed': 'data plane refused a change',
  'state-unsaved': 'live changes not kept',
  'address-added': 'address added',
  'address-removed': 'address removed',
  'address-announced': 'address reachable again',
  'address-duplicate': 'address in use by another machine',
  'address-trouble': 'trouble with an address',
  stopping: 'stopping',
} satisfies Record<PoolgateEvent['kind'], string>;

const LEVELS = {
  info: 'info',
  notice: 'info',
  warning: 'warn',
  error: 'error',
} as const satisfies Record<PoolgateEvent['severity'], LogLevel>;

/** The first line of a run: which data plane, and why that one. */
export function logStarting(
  log: Logger,
  status: Pick<StatusView, 'version' | 'dataPlane' | 'reason' | 'configFile'>,
): void {
  const { version, dataPlane, reason, configFile } = status;
  log.info({ version, dataPlane, reason, configFile }, 'starting');
}

/** Logs what has happened already and then every event until the signal aborts. */
export function logEvents(log: Logger, controller: Controller, signal: AbortSignal): void {
  const write = (event: PoolgateEvent): void => {
    const { kind, severity, message, at: _, ...fields } = event;
    const more = kind === 'ready' ? readyFields(controller.status()) : {};
    log[LEVELS[severity]]({ event: kind, ...fields, ...more, detail: message }, TEXTS[kind]);
  };
  for (const event of controller.recentEvents()) write(event);
  controller.subscribe(write, signal);
}

function readyFields({ dataPlane, reason, services }: StatusView): object {
  return { dataPlane, reason, services: services.map((s) => s.name) };
}
