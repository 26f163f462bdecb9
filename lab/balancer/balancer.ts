/** Poolgate as it is run and asked from outside: the program, its command line, its admin API. */
import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { Agent, NODE } from '../agent/agent.ts';
import { type Finished, stopChild } from '../net/exec.ts';
import type { Host } from '../net/host.ts';
import type { Network } from '../net/network.ts';
import { waitFor } from '../net/wait.ts';
import type { ApiAnswer, ApiOperations } from './api-agent.ts';
import type { ConfigTree } from './config.ts';
import type { ConnectionRow, EventRow, ServerRow, StatusRow } from './rows.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const API_AGENT = new URL('./api-agent.ts', import.meta.url);
/** As bin/poolgate.js gives it; the size of the young heap is up to the scenario. */
const FLAGS = ['--no-memory-protection-keys'];
/** How often descriptors are counted for one answer. */
const LOOKS = 5;
const URL_BASE = 'http://127.0.0.1:9080';

export interface BalancerOptions {
  /** Flags for the Node.js that runs it. */
  readonly nodeFlags?: readonly string[];
}

export class Balancer {
  /** The config file that it runs. */
  readonly file: string;
  private readonly host: Host;
  private readonly child: ChildProcess;
  private readonly api: Agent<ApiOperations>;
  private readonly state: string;
  private output = '';

  private constructor(host: Host, directory: string, api: Agent<ApiOperations>, options: BalancerOptions) {
    this.host = host;
    this.api = api;
    this.state = join(directory, 'state');
    this.file = join(directory, 'poolgate.yaml');
    this.child = host.start(NODE, [...FLAGS, ...(options.nodeFlags ?? []), MAIN, 'run', this.file], {
      env: this.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const hear = (chunk: Buffer): void => void (this.output += chunk.toString());
    this.child.stdout?.on('data', hear);
    this.child.stderr?.on('data', hear);
  }

  /** Starts `poolgate run` on the network's balancer and waits until it logs that it is ready. */
  static async start(network: Network, config: ConfigTree, options: BalancerOptions = {}): Promise<Balancer> {
    const { directory, balancer: host } = network;
    await mkdir(join(directory, 'state'), { recursive: true });
    await writeFile(join(directory, 'poolgate.yaml'), stringify(config));
    const api = await Agent.start<ApiOperations>(host, API_AGENT);
    const balancer = new Balancer(host, directory, api, options);
    try {
      await waitFor('the balancer to log "ready"', () => balancer.isReady(), { timeoutMs: 20_000 });
    } catch (error) {
      // It would be in the way of the next one.
      await balancer.stop();
      throw error;
    }
    const { dataPlane } = balancer.readyLine() ?? {};
    // A scenario shows nothing of a data plane that it does not run on.
    if ((config['dataPlane'] ?? 'auto') !== 'auto' && dataPlane !== config['dataPlane'])
      throw new Error(`the balancer runs on ${String(dataPlane)}, not on ${String(config['dataPlane'])}`);
    return balancer;
  }

  /**
   * Starts `poolgate run` with a config that it must refuse; resolves when it has ended, with what it said.
   * @param before a program with arguments that starts it, e.g. `setpriv` with fewer capabilities
   */
  static async refused(
    network: Network,
    config: ConfigTree,
    before: readonly string[] = [],
  ): Promise<Finished> {
    const { directory, balancer: host } = network;
    const file = join(directory, 'poolgate.yaml');
    await writeFile(file, stringify(config));
    const env = { POOLGATE_STATE_DIR: join(directory, 'state'), NO_COLOR: '1' };
    const [program = NODE, ...args] = [...before, NODE, MAIN, 'run', file];
    return host.run(program, args, { env });
  }

  private get env(): Record<string, string> {
    return { POOLGATE_STATE_DIR: this.state, POOLGATE_URL: URL_BASE, NO_COLOR: '1' };
  }

  private isReady(): boolean {
    if (this.child.exitCode !== null) throw new Error(`the balancer ended: ${this.output}`);
    return this.readyLine() !== undefined;
  }

  private readyLine(): Record<string, unknown> | undefined {
    return this.log().find((line) => line['msg'] === 'ready');
  }

  /** A file beside its config file. */
  path(name: string): string {
    return join(dirname(this.file), name);
  }

  async writeFile(name: string, config: ConfigTree): Promise<void> {
    await writeFile(this.path(name), stringify(config));
  }

  /** Its log so far, one object a line. */
  log(): Record<string, unknown>[] {
    const lines = this.output.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}'));
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** Runs a command of the command line, e.g. `drain`, `ocspool/fe01`. */
  cli(...args: string[]): Promise<Finished> {
    return this.host.run(NODE, [MAIN, ...args], { env: this.env });
  }

  /** One request to the admin API; `token` instead of the one of the first start, empty for none. */
  async request(
    method: string,
    path: string,
    body?: string | object,
    options: { token?: string } = {},
  ): Promise<ApiAnswer> {
    const token = options.token ?? (await readFile(join(this.state, 'admin-token'), 'utf8')).trim();
    const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
    const headers: Record<string, string> = token === '' ? {} : { authorization: `Bearer ${token}` };
    if (text !== undefined)
      headers['content-type'] = typeof body === 'object' ? 'application/json' : 'application/yaml';
    return this.api.call('request', {
      method,
      url: URL_BASE + path,
      headers,
      ...(text === undefined ? {} : { body: text }),
    });
  }

  /** Like `request`, but anything but a 2xx is an error; parses the answer. */
  async ask<T>(method: string, path: string, body?: string | object): Promise<T> {
    const answer = await this.request(method, path, body);
    if (answer.status < 200 || answer.status > 299)
      throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`);
    return (answer.body === '' ? null : JSON.parse(answer.body)) as T;
  }

  status(): Promise<StatusRow> {
    return this.ask('GET', '/api/v1/status');
  }

  servers(): Promise<ServerRow[]> {
    return this.ask('GET', '/api/v1/servers');
  }

  async server(name: string): Promise<ServerRow> {
    const found = (await this.servers()).find((row) => row.name === name);
    if (!found) throw new Error(`the balancer knows no server ${name}`);
    return found;
  }

  connections(): Promise<ConnectionRow[]> {
    return this.ask('GET', '/api/v1/connections?limit=100000');
  }

  events(): Promise<EventRow[]> {
    return this.ask('GET', '/api/v1/events/recent');
  }

  /** Open connections over all servers, those still connecting included. */
  async active(): Promise<number> {
    return (await this.servers()).reduce((sum, row) => sum + row.active, 0);
  }

  waitHealth(name: string, health: ServerRow['health']): Promise<ServerRow> {
    return waitFor(`${name} to be ${health}`, async () => {
      const row = await this.server(name);
      return row.health === health ? row : null;
    });
  }

  /** Writes a config and applies it through the API; returns the answer whatever it is. */
  apply(config: ConfigTree | string): Promise<ApiAnswer> {
    return this.request('POST', '/api/v1/apply', typeof config === 'string' ? config : stringify(config));
  }

  async mustApply(config: ConfigTree): Promise<void> {
    await this.ask('POST', '/api/v1/apply', stringify(config));
  }

  setAdmin(name: string, admin: 'ready' | 'drain' | 'maint'): Promise<unknown> {
    return this.ask('POST', `/api/v1/servers/ocspool/${name}/admin`, { admin });
  }

  setWeight(name: string, weight: number): Promise<unknown> {
    return this.ask('POST', `/api/v1/servers/ocspool/${name}/weight`, { weight });
  }

  /** Asks it to read its file again. */
  hangUp(): void {
    this.child.kill('SIGHUP');
  }

  /** Ends it where it stands; nothing is tidied up. */
  async kill(): Promise<void> {
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await gone;
  }

  /** Resident memory in KB. */
  rssKb(): number {
    const status = readFileSync(`/proc/${this.child.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? Number.NaN);
  }

  /** Open descriptors. A worker may have a table of its own, threads may share one: equal tables count once. */
  descriptors(): number {
    const tasks = `/proc/${this.child.pid}/task`;
    const look = (): number => {
      const tables = new Set(readdirSync(tasks).map((task) => descriptorTable(`${tasks}/${task}/fd`)));
      return [...tables].reduce((sum, table) => sum + table.split('\n').length, 0);
    };
    // One table read twice while it changes looks like two; the smallest of a few looks is free of that.
    return Math.min(...Array.from({ length: LOOKS }, look));
  }

  /** Bytes of the BPF maps that it holds, as the kernel accounts them; 0 on the proxy plane. */
  bpfBytes(): number {
    const folder = `/proc/${this.child.pid}/fdinfo`;
    const maps = new Map<string, number>();
    for (const name of readdirSync(folder)) {
      const text = textIfThere(`${folder}/${name}`);
      const id = /^map_id:\s*(\d+)/m.exec(text)?.[1];
      if (id !== undefined) maps.set(id, Number(/^memlock:\s*(\d+)/m.exec(text)?.[1] ?? 0));
    }
    return [...maps.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  async stop(): Promise<void> {
    await this.api.close();
    await stopChild(this.child, 10_000);
  }
}

/** What is gone between listing and reading was not held. */
function textIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function descriptorTable(folder: string): string {
  const linkOf = (name: string): string => {
    try {
      return readlinkSync(`${folder}/${name}`);
    } catch {
      return '';
    }
  };
  // What is gone between listing and looking was not held.
  const lines = readdirSync(folder).map((name) => `${name} ${linkOf(name)}`);
  return lines.filter((line) => !line.endsWith(' ')).join('\n');
}
