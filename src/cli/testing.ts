/** For tests: the CLI in this process, against a real API on a real socket with a fake Controller behind it. */
import { createApi } from '../api/app.ts';
import { FAKE_TIME, fakeController } from '../api/fake-controller.ts';
import { listenAdmin } from '../api/server.ts';
import { createTokens } from '../api/tokens.ts';
import type { Starters } from './command.ts';
import type { Io, Terminal } from './io.ts';
import { runCli } from './program.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly env?: Record<string, string>;
  /** What the user says when asked; nobody is there to ask if not given. */
  readonly answer?: boolean;
  readonly terminal?: Terminal;
  readonly columns?: number | null;
  readonly interrupted?: AbortSignal;
  readonly start?: Partial<Starters>;
  /** Called with each piece of output as it comes. */
  readonly heard?: (text: string) => void;
}

/** Runs one command line, split at blanks. Four minutes after FAKE_TIME, and without a token file to find. */
export async function poolgate(line: string | readonly string[], options: RunOptions = {}): Promise<Ran> {
  let out = '';
  let err = '';
  const io: Io = {
    out: (text) => {
      out += text;
      options.heard?.(text);
    },
    err: (text) => {
      err += text;
      options.heard?.(text);
    },
    env: { POOLGATE_STATE_DIR: '/nonexistent', ...options.env },
    confirm: async (question) => {
      if (options.answer === undefined) return null;
      io.err(await question());
      return options.answer;
    },
    terminal: options.terminal ?? null,
    columns: options.columns ?? null,
    colour: false,
    now: () => Date.parse(FAKE_TIME) + 240_000,
    interrupted: options.interrupted ?? new AbortController().signal,
  };
  const start: Starters = {
    daemon: async () => 0,
    demo: async () => 0,
    ...options.start,
  };
  const argv = typeof line === 'string' ? line.split(' ').filter((word) => word !== '') : line;
  const code = await runCli(argv, { io, version: '0.1.0', start });
  return { code, out, err };
}

export async function startDaemon(port = 0) {
  const controller = fakeController();
  const quiet = { info: () => {}, warn: () => {}, error: () => {} };
  const tokens = createTokens([{ name: 'admin', role: 'admin', secret: 'secret' }]);
  const server = await listenAdmin({ host: '127.0.0.1', port });
  server.serve(
    createApi({
      controller,
      tokens,
      metrics: async () => ({ contentType: 'text/plain', body: '' }),
      log: quiet,
    }).fetch,
  );
  const env = { POOLGATE_URL: `http://127.0.0.1:${server.port}`, POOLGATE_TOKEN: 'secret' };
  return {
    controller,
    server,
    env,
    /** A command line that asks this daemon. */
    ask: (line: string | readonly string[], options: RunOptions = {}) =>
      poolgate(line, { ...options, env: { ...env, ...options.env } }),
    [Symbol.asyncDispose]: () => server.close(),
  };
}
