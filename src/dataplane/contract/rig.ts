import { readdirSync } from 'node:fs';
import type { Socket } from 'node:net';
import { vi } from 'vitest';
import { diffDesired } from '../diff.ts';
import {
  type DataPlane,
  type DesiredState,
  EMPTY_STATE,
  type PlaneServer,
  type PlaneServiceSettings,
} from '../dataplane.ts';
import { PLAIN_SERVER, PLAIN_SERVICE } from '../plain.ts';
import { dial, serve, type ServeOptions, type TestClient, type TestServer } from './sockets.ts';
import type { Traits } from './traits.ts';

export type CreatePlane = () => Promise<DataPlane>;

let nextPort = 21_000 + (process.pid % 400) * 100;

/** Addresses all of 127/8 are bindable; each rig takes ports that no other one of this process has. */
export const VIP = '127.0.0.9';
const SERVER_NET = '127.0.1.';

/** One data plane with a pool `p` and a service `s` on a port of its own, and real servers behind it. */
export class Rig {
  readonly plane: DataPlane;
  readonly port = nextPort++;
  readonly servers = new Map<string, TestServer>();
  state: DesiredState = EMPTY_STATE;

  constructor(plane: DataPlane) {
    this.plane = plane;
  }

  /** Starts real servers a, b, c … on addresses of their own, all on the service's port, and applies them. */
  async start(weights: readonly number[], options: RigOptions = {}): Promise<void> {
    const names = weights.map((_, i) => String.fromCharCode(97 + i));
    await Promise.all(names.map((name) => this.startServer(name, options.server)));
    await this.apply({
      pools: [{ name: 'p', fallback: null, servers: names.map((n, i) => server(n, weights[i] ?? 1)) }],
      services: [
        {
          name: 's',
          settings: { ...SETTINGS, ...options.settings },
          ports: [{ vip: VIP, protocol: 'tcp', port: this.port, serverPort: this.port }],
        },
      ],
    });
  }

  async startServer(name: string, options: Partial<ServeOptions> = {}): Promise<TestServer> {
    const started = await serve({ host: addressOf(name), port: this.port, greeting: name, ...options });
    this.servers.set(name, started);
    return started;
  }

  async apply(next: DesiredState): Promise<void> {
    await this.plane.apply(diffDesired(this.state, next));
    this.state = next;
  }

  /** Changes servers of pool `p` by name. */
  async change(changes: Record<string, Partial<PlaneServer>>): Promise<void> {
    await this.apply({
      ...this.state,
      pools: this.state.pools.map((pool) => ({
        ...pool,
        servers: pool.servers.map((s) => ({ ...s, ...changes[s.name] })),
      })),
    });
  }

  dial(port = this.port, from?: string) {
    return dial(VIP, port, from);
  }

  /** Connects and waits for how it ends; a reset may come so early that the connect itself reports it. */
  async dialUntilEnd(from?: string): Promise<string> {
    try {
      const client = await this.dial(this.port, from);
      const how = await client.ended;
      client.socket.destroy();
      return how;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? 'error';
    }
  }

  /** Connects and holds the connection. @returns which server it is, or how it was turned away */
  async hold(from?: string, port = this.port): Promise<Held> {
    try {
      const client = await this.dial(port, from);
      const name = await client.received(1).then(
        (bytes) => bytes.toString('latin1', 0, 1),
        async () => client.ended,
      );
      return { client, name };
    } catch (error) {
      return { client: null, name: (error as NodeJS.ErrnoException).code ?? 'error' };
    }
  }

  /** Changes the settings of service `s`. */
  async settle(settings: Partial<PlaneServiceSettings>): Promise<void> {
    const services = this.state.services.map((s) =>
      s.name === 's' ? { ...s, settings: { ...s.settings, ...settings } } : s,
    );
    await this.apply({ ...this.state, services });
  }

  /** The server's socket that belongs to a client. Towards each server a source port may serve somebody else. */
  async farEnd(client: TestClient): Promise<Socket> {
    const mine = `${client.socket.localAddress}:${client.socket.localPort}`;
    const listed = (await this.plane.connections()).find((c) => c.client === mine);
    const sockets = this.servers.get(listed?.realServer ?? '')?.sockets;
    const found = sockets?.find((s) => `${s.remoteAddress}:${s.remotePort}` === listed?.source);
    if (!found) throw new Error(`no server has the connection of ${mine}`);
    return found;
  }

  /** Connects, and reads which server it is. */
  async ask(from?: string): Promise<string> {
    const client = await this.dial(this.port, from);
    const name = (await client.received(1)).toString('latin1', 0, 1);
    client.socket.end();
    await client.ended;
    client.socket.destroy();
    return name;
  }

  counters(name: string) {
    const found = this.plane.counters().servers.get(`p/${name}`);
    if (!found) throw new Error(`no counters of p/${name}`);
    return found;
  }

  /** Waits until every count of open connections is back at zero. */
  async allZero(): Promise<void> {
    const held = (): number => {
      const { servers, ports } = this.plane.counters();
      return [...servers.values(), ...ports].reduce((sum, { active }) => sum + active, 0);
    };
    await vi.waitUntil(() => held() === 0, { timeout: 5000, interval: 10 });
  }

  async close(): Promise<void> {
    await this.plane.close(0);
    await Promise.all([...this.servers.values()].map((s) => s.close()));
  }
}

export interface Held {
  /** Null when the connect was refused. */
  readonly client: TestClient | null;
  /** The server's name, or an error's code. */
  readonly name: string;
}

export interface RigOptions {
  readonly settings?: Partial<PlaneServiceSettings>;
  readonly server?: Partial<ServeOptions>;
}

const SETTINGS: PlaneServiceSettings = {
  pool: 'p',
  scheduler: 'wlc',
  redispatch: true,
  snat: null,
  connectTimeoutMs: 2000,
  idleTimeoutMs: 60_000,
  udpIdleMs: 60_000,
  ...PLAIN_SERVICE,
};

export function server(name: string, weight = 1): PlaneServer {
  return { name, address: addressOf(name), weight, selectable: true, ...PLAIN_SERVER };
}

export function addressOf(name: string): string {
  return `${SERVER_NET}${name.charCodeAt(0)}`;
}

/**
 * Open descriptors: of each thread, for each may have a table of its own, or of this process where the plane's threads
 * share its table; some come and go while another thread works.
 */
export function openDescriptors({ opensItself }: Traits): number {
  if (!opensItself) return readdirSync('/proc/self/fd').length;
  const threads = readdirSync('/proc/self/task');
  return threads.reduce((sum, thread) => sum + readdirSync(`/proc/self/task/${thread}/fd`).length, 0);
}
