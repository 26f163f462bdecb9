/** The program: the only file that constructs things and joins them. */
import { resolve } from 'node:path';
import type { Logger } from 'pino';
import type { RunOptions } from './cli/command.ts';
import { EXIT, type ExitCode, type Io, wantsColour } from './cli/io.ts';
import { confirmOn } from './cli/terminal/confirm.ts';
import { type Daemon, type Host, supervise } from './cli/lifecycle.ts';
import { runCli } from './cli/program.ts';
import { isRoot, stateDir } from './cli/state-dir.ts';
import { PoolgateError } from './lib/errors.ts';
import { VERSION } from './lib/version.ts';

type Parts = typeof import('./daemon-parts.ts');

const io: Io = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  env: process.env,
  terminal:
    process.stdout.isTTY && process.env['TERM'] !== 'dumb'
      ? { output: process.stdout, input: process.stdin.isTTY ? process.stdin : null }
      : null,
  confirm: (question) => confirmOn(process.stdin, process.stderr, question),
  columns: process.stdout.isTTY ? process.stdout.columns : null,
  colour: wantsColour(process.stdout.isTTY, process.env),
  now: () => Date.now(),
  get interrupted() {
    const interrupt = new AbortController();
    process.once('SIGINT', () => interrupt.abort());
    return interrupt.signal;
  },
};

// A reader that goes (`poolgate events -f | head -1`) ends the command; that is no error.
process.stdout.on('error', () => process.exit(EXIT.fine));
process.stderr.on('error', () => {});

const code = await runCli(process.argv.slice(2), {
  io,
  version: VERSION,
  start: {
    daemon: runDaemon,
    demo: async (options) => (await import('./demo/demo.ts')).runDemo(options),
  },
});
// Writes to stdout and stderr are done by now (they are synchronous on Linux). After a start that failed, or a command
// that followed events, threads and sockets are still there and would keep the process.
process.exit(code);

async function runDaemon(options: RunOptions): Promise<ExitCode> {
  const parts = await import('./daemon-parts.ts');
  const log = parts.createLogger();
  // Half alive is worse than dead: the service manager starts it anew.
  process.on('uncaughtException', (error) => die(log, error));
  process.on('unhandledRejection', (error) => die(log, error));
  const host: Host = {
    on: (signal, listener) => void process.on(signal, listener),
    now: () => performance.now(),
    exit: (exitCode) => process.exit(exitCode),
    log,
  };
  return supervise(() => startDaemon(parts, options, log), host);
}

function die(log: Logger, error: unknown): never {
  log.fatal({ err: error }, 'ending after an error that must not be');
  process.exit(EXIT.refused);
}

async function startDaemon(
  parts: Parts,
  { configFile, workers, ioUring }: RunOptions,
  log: Logger,
): Promise<Daemon> {
  const file = parts.liveConfigFile(resolve(configFile), parts);
  const config = await file.read();
  const directory = stateDir(process.env, isRoot());
  const token = await parts.adminToken(directory);
  const { name: dataPlane, reason } = await parts.choosePlane(config.effective, parts.missingFor);
  parts.logStarting(log, { version: VERSION, dataPlane, reason, configFile: config.file });
  if (token.created) log.info({ file: token.file }, 'made the admin token');

  // Bound before the data plane exists: a second instance ends here, and has touched no traffic.
  const admin = await parts.listenAdmin(config.effective.admin);
  log.info({ host: admin.host, port: admin.port }, 'admin API listens');
  const onFatal = (error: Error) => die(log, error);
  const onTrouble = (detail: string) => log.warn({ detail }, 'the data plane has trouble');
  const planeParts = { config: config.effective, stateDir: directory, onTrouble };
  const { plane, close: closePlane } =
    dataPlane === 'kernel'
      ? await parts.startKernelPlane(planeParts)
      : await parts.startProxyPlane(planeParts, {
          ...(workers === undefined ? {} : { workers }),
          ioUring,
          onStart: (about) => log.info(about, 'the data plane runs'),
          onFatal,
          onTrouble,
        });
  const controller = await parts.createController({
    config,
    configFile: file,
    plane,
    stateDir: directory,
    version: VERSION,
    dataPlaneReason: reason,
  });
  const ended = new AbortController();
  parts.logEvents(log, controller, ended.signal);
  const tokens = parts.createTokens([{ name: 'admin', role: 'admin', secret: token.secret }]);
  const api = parts.createApi({ controller, tokens, metrics: () => parts.renderMetrics(controller), log });
  const stop = async (): Promise<void> => {
    await controller.stop();
    await closePlane();
  };
  await controller.start().catch(async (error: unknown) => {
    // What an earlier process left at work goes on; what this one began does not.
    if (plane.adopted !== true) await stop();
    throw error;
  });
  admin.serve(api.fetch);

  return {
    reload: async () => {
      await controller.reload('signal').catch((error: unknown) => {
        // What is wrong with the file the controller has said in an event, and so in the log.
        if (!(error instanceof PoolgateError)) die(log, error);
      });
    },
    stop: async () => {
      await stop();
      ended.abort();
      await admin.close();
    },
  };
}
