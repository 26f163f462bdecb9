/** The life of `poolgate run`: signals, orderly stop, and the end when something breaks that must not. */
import type { ExitCode } from './io.ts';
import { EXIT } from './io.ts';

export interface Daemon {
  /** Reads the config file again; settles without error whatever the file holds. */
  reload(): Promise<void>;
  /** Stops accepting, waits for open connections up to shutdownTimeout, resets the rest. */
  stop(): Promise<void>;
}

export type Signal = 'SIGTERM' | 'SIGINT' | 'SIGHUP';

/** The process around the daemon; a test puts its own. */
export interface Host {
  on(signal: Signal, listener: () => void): void;
  /** Monotonic, in milliseconds. */
  now(): number;
  /** Ends the process at once. */
  exit(code: ExitCode): void;
  readonly log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
}

/**
 * Ctrl-C and service managers signal every process of a group, the launcher too, which hands its own on: what follows
 * within this time is the same wish.
 */
const SAME_WISH_MS = 1000;

/**
 * Starts the daemon and resolves when a signal has stopped it. A second signal while it stops, or a first one while
 * it hangs in starting and a second after it, ends the process where it stands.
 * @throws what `start` throws
 */
export async function supervise(start: () => Promise<Daemon>, host: Host): Promise<ExitCode> {
  const stopAsked = Promise.withResolvers<Signal>();
  const running: { daemon: Daemon | null; stopping: boolean; since: number } = {
    daemon: null,
    stopping: false,
    since: 0,
  };

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    host.on(signal, () => {
      if (running.stopping && host.now() - running.since < SAME_WISH_MS) return;
      if (running.stopping) {
        host.log.warn({ signal }, 'second signal: ending now, open connections are cut');
        host.exit(EXIT.refused);
        return;
      }
      running.stopping = true;
      running.since = host.now();
      stopAsked.resolve(signal);
    });
  }
  host.on('SIGHUP', () => {
    if (running.daemon && !running.stopping) void running.daemon.reload();
    else host.log.info({ signal: 'SIGHUP' }, 'no reload while starting or stopping');
  });

  running.daemon = await start();
  const signal = await stopAsked.promise;
  host.log.info({ signal }, 'signal to stop');
  await running.daemon.stop();
  host.log.info({}, 'stopped');
  return EXIT.fine;
}
