/**
 * For tests, as root: a client, a balancer and a server, each a network namespace, and in each a process that does as
 * told (agent.ts). Two arms: the balancer routes between two networks. One arm: all are in one.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type RunNft, runWith } from '../nat/nft.ts';
import type { Operations } from './agent.ts';
import type { calls } from './calls.ts';

export const CLIENT = '192.0.2.10';
export const CLIENT6 = '2001:db8:1::10';
export const VIP = '192.0.2.40';
export const VIP6 = '2001:db8:1::40';

export interface Place {
  /** Addresses of the server, two of each family. */
  readonly servers: readonly string[];
  readonly servers6: readonly string[];
  /** Addresses that the balancer may come from. */
  readonly sources: readonly string[];
  readonly sources6: readonly string[];
  /** The balancer's interfaces. */
  readonly interfaces: readonly string[];
}

const PLACES = {
  'two-armed': placeOf('198.51.100.', '2001:db8:2::', ['clients', 'servers']),
  'one-armed': placeOf('192.0.2.', '2001:db8:1::', ['clients']),
} as const;

export type Arms = keyof typeof PLACES;

function placeOf(prefix: string, prefix6: string, interfaces: readonly string[]): Place {
  return {
    servers: [`${prefix}51`, `${prefix}52`],
    servers6: [`${prefix6}51`, `${prefix6}52`],
    sources: [44, 45, 46, 47].map((last) => prefix + last),
    sources6: [44, 45, 46, 47].map((last) => prefix6 + last),
    interfaces,
  };
}

type AgentCall = <K extends keyof Operations>(
  operation: K,
  argument: Parameters<Operations[K]>[0],
) => Promise<Awaited<ReturnType<Operations[K]>>>;

type KernelCall = <K extends keyof typeof calls>(
  operation: K,
  argument?: Parameters<(typeof calls)[K]>[0],
) => Awaited<ReturnType<(typeof calls)[K]>>;

export interface Inhabitant {
  readonly namespace: string;
  readonly call: AgentCall;
  servedStates(): Promise<Record<string, string>>;
}

export interface Testbed extends Place {
  readonly client: Inhabitant;
  readonly balancer: Inhabitant;
  readonly server: Inhabitant;
  /** nft in the balancer. */
  readonly nft: RunNft;
  /** Runs a program in a namespace to its end; returns what it printed. @throws Error with what it said */
  run(who: Inhabitant, ...command: string[]): string;
  /** Run an operation of calls.ts there. */
  readonly inBalancer: KernelCall;
  readonly inServer: KernelCall;
  /** Starts a program in a namespace; it is ended with the testbed. */
  start(who: Inhabitant, ...command: string[]): ChildProcess;
  close(): void;
}

/** Empty where these tests can run. */
export function reasonNotToRun(): string {
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  const tried = spawnSync('unshare', ['-n', 'nft', 'add', 'table', 'inet', 'try'], { encoding: 'utf8' });
  return tried.status === 0 ? '' : `no nft in a namespace: ${tried.stderr || String(tried.error)}`;
}

const AGENT = fileURLToPath(new URL('agent.ts', import.meta.url));
const CALLS = fileURLToPath(new URL('calls.ts', import.meta.url));
const NODE = [process.execPath, '--disable-warning=ExperimentalWarning'];

let made = 0;

export async function buildTestbed(arms: Arms): Promise<Testbed> {
  made += 1;
  const place = PLACES[arms];
  const prefix = `pgk-${process.pid}-${made}`;
  const [wire, ...names] = ['wire', 'client', 'balancer', 'server'].map((role) => `${prefix}-${role}`);
  const all = [wire ?? '', ...names];
  const children: ChildProcess[] = [];
  const close = (): void => {
    for (const child of children) child.kill('SIGKILL');
    for (const name of all) spawnSync('ip', ['netns', 'del', name]);
  };
  try {
    for (const name of all) must(['ip', 'netns', 'add', name]);
    for (const line of wiring(all, arms, place)) must(['ip', ...line.split(' ')]);
    const inhabitants = await Promise.all(names.map((name) => inhabit(name, children)));
    const [client, balancer, server] = inhabitants as [Inhabitant, Inhabitant, Inhabitant];
    const inside = (who: Inhabitant): string[] => ['ip', 'netns', 'exec', who.namespace];
    return {
      ...place,
      client,
      balancer,
      server,
      nft: (args, input) => runWith([...inside(balancer), 'nft'], args, input),
      run: (who, ...command) => must([...inside(who), ...command]),
      inBalancer: kernelCalls(inside(balancer)),
      inServer: kernelCalls(inside(server)),
      start(who, ...command) {
        const [program = '', ...args] = [...inside(who), ...command];
        const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
        children.push(child);
        return child;
      },
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

function kernelCalls(inside: readonly string[]): KernelCall {
  return (operation, argument) =>
    JSON.parse(must([...inside, ...NODE, CALLS, operation, JSON.stringify(argument ?? null)]));
}

function must([program = '', ...args]: readonly string[]): string {
  const done = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (done.status === 0) return done.stdout;
  throw new Error(`${program} ${args.join(' ')}: ${done.stderr || String(done.error)}`);
}

/** Everything hangs on bridges in a namespace of its own, so that nothing is made in the machine's. */
function wiring(
  [wire = '', client = '', balancer = '', server = '']: string[],
  arms: Arms,
  place: Place,
): string[] {
  const two = arms === 'two-armed';
  const serverBridge = two ? 'br1' : 'br0';
  const lines = [
    ...(two ? ['br0', 'br1'] : ['br0']).flatMap((name) => [
      `-n ${wire} link add ${name} type bridge mcast_snooping 0`,
      `-n ${wire} link set ${name} up`,
    ]),
    ...cable(wire, 'br0', client, 'eth0'),
    ...cable(wire, 'br0', balancer, 'clients'),
    ...(two ? cable(wire, 'br1', balancer, 'servers') : []),
    ...cable(wire, serverBridge, server, 'eth0'),
    ...assign(client, 'eth0', [`${CLIENT}/24`, `${CLIENT6}/64`]),
    ...assign(balancer, 'clients', ['192.0.2.1/24', '2001:db8:1::1/64', `${VIP}/32`, `${VIP6}/128`]),
    ...assign(server, 'eth0', [
      ...place.servers.map((a) => `${a}/24`),
      ...place.servers6.map((a) => `${a}/64`),
    ]),
  ];
  const inner = two ? 'servers' : 'clients';
  if (two) lines.push(...assign(balancer, 'servers', ['198.51.100.1/24', '2001:db8:2::1/64']));
  lines.push(
    ...assign(balancer, inner, [
      ...place.sources.map((a) => `${a}/32`),
      ...place.sources6.map((a) => `${a}/128`),
    ]),
  );
  if (two) {
    lines.push(
      `-n ${server} route add default via 198.51.100.1`,
      `-n ${server} route add default via 2001:db8:2::1`,
    );
    lines.push(
      `-n ${client} route add default via 192.0.2.1`,
      `-n ${client} route add default via 2001:db8:1::1`,
    );
  }
  const forwarding = ['net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1'];
  return [...lines, ...forwarding.map((value) => `netns exec ${balancer} sysctl -q -w ${value}`)];
}

function cable(wire: string, bridge: string, to: string, name: string): string[] {
  const here = `p-${name}-${to.split('-').at(-1)}`.slice(0, 15);
  return [
    `-n ${wire} link add ${here} type veth peer name ${name} netns ${to}`,
    `-n ${wire} link set ${here} master ${bridge} up`,
    `-n ${to} link set ${name} up`,
    `-n ${to} link set lo up`,
  ];
}

function assign(namespace: string, name: string, addresses: readonly string[]): string[] {
  return addresses.map(
    (one) => `-n ${namespace} address add ${one} dev ${name}${one.includes(':') ? ' nodad' : ''}`,
  );
}

async function inhabit(namespace: string, children: ChildProcess[]): Promise<Inhabitant> {
  const args = ['netns', 'exec', namespace, ...NODE, AGENT];
  const child = spawn('ip', args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  children.push(child);
  const waiting = new Map<number, (result: never) => void>();
  let last = 0;
  await new Promise<void>((resolve) => {
    waiting.set(0, () => resolve());
    child.on('message', ({ id, result }: { id: number; result: never }) => waiting.get(id)?.(result));
  });
  const send = (operation: string, argument: unknown): Promise<never> =>
    new Promise((resolve) => {
      last += 1;
      waiting.set(last, resolve);
      child.send({ id: last, operation, argument: argument ?? null });
    });
  return {
    namespace,
    call: (operation, argument) => send(operation, argument),
    servedStates: () => send('servedStates', null),
  };
}
