/** The balancer of the demo: `poolgate run` as anybody starts it, in a process of its own, asked through its admin API. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { server as serverSchema } from '../api/views.ts';
import { type Client, connectTo, DEFAULT_URL } from '../cli/client.ts';
import { follow } from '../cli/follow.ts';
import type { Io } from '../cli/io.ts';
import { TOKEN_FILE } from '../cli/state-dir.ts';
import { PoolgateError } from '../lib/errors.ts';
import type { AdminState } from '../model/effective.ts';
import type { PoolgateEvent, ServerView } from '../state/contract.ts';
import { ADMIN_HOST, configText, POOL, type Ports, type ServerName } from './site.ts';

const PROGRAM = fileURLToPath(new URL('./balancer-process.ts', import.meta.url));
const READY_MS = 20_000;
/** Longer than the config's shutdownTimeout. */
const STOP_MS = 6000;
const KEPT_LINES = 20;

export class DemoBalancer {
  readonly stateDir: string;
  readonly url: string;
  /** Resolves when the process is gone. */
  readonly gone: Promise<void>;
  readonly #child: ChildProcess;
  readonly #log: string[] = [];
  readonly #ready = Promise.withResolvers<void>();
  #client: Client | null = null;

  private constructor(directory: string, configFile: string, ports: Ports) {
    this.stateDir = join(directory, 'state');
    this.url = `http://${ADMIN_HOST}:${ports.admin}`;
    this.#child = spawn(process.execPath, [PROGRAM, 'run', configFile], {
      env: { ...foreignEnv(), POOLGATE_STATE_DIR: this.stateDir },
      stdio: ['pipe', 'ignore', 'pipe'],
      // Ctrl-C in the terminal is the demo's to handle; it would reach the balancer too and stop it under the clients.
      detached: true,
    });
    this.gone = once(this.#child, 'exit').then(() => {});
    createInterface({ input: this.#child.stderr! }).on('line', (line) => this.#hear(line));
    this.#child.stdin?.on('error', () => {});
  }

  /**
   * Writes the config into the directory, and resolves when the balancer says that it is ready.
   * @throws PoolgateError SYSTEM with what it said when it does not become so
   */
  static async start(directory: string, ports: Ports, signal: AbortSignal): Promise<DemoBalancer> {
    const configFile = join(directory, 'poolgate.yaml');
    await writeFile(configFile, configText(ports));
    const balancer = new DemoBalancer(directory, configFile, ports);
    try {
      await balancer.#becomeReady(signal);
      return balancer;
    } catch (error) {
      balancer.kill();
      throw error;
    }
  }

  async servers(): Promise<ServerView[]> {
    return this.#api().get('/api/v1/servers', z.array(serverSchema));
  }

  async setAdmin(name: ServerName, admin: AdminState): Promise<void> {
    const body = { type: 'application/json', text: JSON.stringify({ admin }) } as const;
    await this.#api().post(`/api/v1/servers/${POOL}/${name}/admin`, body, serverSchema);
  }

  /** Every event from the start on, until the signal. */
  async follow(onEvent: (event: PoolgateEvent) => void, signal: AbortSignal): Promise<void> {
    await follow(this.#api(), 1000, { onEvent, onNotice: () => {} }, signal);
  }

  async stop(): Promise<void> {
    const hard = setTimeout(() => this.kill(), STOP_MS);
    this.#child.kill('SIGTERM');
    await this.gone;
    clearTimeout(hard);
  }

  /** At once; for the end of a process that can wait for nothing. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** What it said last, for a person who wants to know why it is gone. */
  lastWords(): string {
    return this.#log.join('\n');
  }

  #api(): Client {
    // Only now: the token file is there when the balancer is ready, and is made anew at every demo.
    this.#client ??= connectTo({ url: this.url, tokenFile: join(this.stateDir, TOKEN_FILE) }, NO_IO);
    return this.#client;
  }

  #hear(line: string): void {
    this.#log.push(line);
    if (this.#log.length > KEPT_LINES) this.#log.shift();
    if (line.includes('"msg":"ready"')) this.#ready.resolve();
  }

  async #becomeReady(signal: AbortSignal): Promise<void> {
    const given = AbortSignal.any([signal, AbortSignal.timeout(READY_MS)]);
    const ended = this.gone.then(() => 'ended');
    const late = once(given, 'abort').then(() => 'is not ready in time');
    const trouble = await Promise.race([this.#ready.promise.then(() => null), ended, late]);
    signal.throwIfAborted();
    if (trouble === null) return;
    throw new PoolgateError(
      'SYSTEM',
      `The balancer ${trouble}. It said last: ${this.#log.slice(-3).join(' ')}`,
    );
  }
}

/** What is set for a balancer of this machine is not meant for the demo's. */
function foreignEnv(): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith('POOLGATE_'));
  return Object.fromEntries(others);
}

/** What to type in another terminal to ask this balancer. */
export function commandLine({ stateDir, url }: DemoBalancer, command: string): string {
  const where = url === DEFAULT_URL ? '' : `POOLGATE_URL=${url} `;
  return `${where}POOLGATE_STATE_DIR=${stateDir} npx poolgate ${command}`;
}

/** The client prints nothing, and is told where everything is instead of looking into the environment. */
const NO_IO: Io = {
  out: () => {},
  err: () => {},
  env: {},
  confirm: async () => null,
  terminal: null,
  columns: null,
  colour: false,
  now: () => Date.now(),
  interrupted: new AbortController().signal,
};
