/** Whether this machine lets the lab run; if not, why, in one line a reason. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Programs of the lab and the Debian package that has each. */
export const PROGRAMS = {
  ip: 'iproute2',
  nft: 'nftables',
  kamailio: 'kamailio',
  nginx: 'nginx',
  sipp: 'sip-tester',
  openssl: 'openssl',
  curl: 'curl',
  tshark: 'tshark',
  ping: 'iputils-ping',
  conntrack: 'conntrack',
  turnserver: 'coturn',
  haproxy: 'haproxy',
} as const;

const PATHS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

function installed(program: string): boolean {
  return PATHS.some((folder) => existsSync(`${folder}/${program}`));
}

let known: readonly string[] | null = null;

/** Empty where the lab can run. Looked up once per process. */
export function reasonsNotToRun(): readonly string[] {
  known ??= findReasons();
  return known;
}

function findReasons(): string[] {
  if (process.platform !== 'linux') return [`the lab needs Linux; this is ${process.platform}`];
  const reasons: string[] = [];
  for (const [program, debianPackage] of Object.entries(PROGRAMS)) {
    if (!installed(program)) reasons.push(`${program} is not installed (Debian package ${debianPackage})`);
  }
  if (process.getuid?.() !== 0) reasons.push('network namespaces need root; this run has no root');
  else if (installed('ip')) reasons.push(...namespaceReasons());
  return reasons;
}

/** A reason if the command fails, none if it works. */
function failed(what: string, args: readonly string[]): string[] {
  const done = spawnSync(args[0] ?? '', args.slice(1), { encoding: 'utf8' });
  return done.status === 0
    ? []
    : [`${what}: ${(done.stderr || String(done.error ?? '')).trim().split('\n')[0]}`];
}

/** Makes a namespace with a veth pair and a packet filter and throws it away: the only sure answer. */
function namespaceReasons(): string[] {
  const name = `pgprobe-${process.pid}`;
  const noNamespace = failed('this machine makes no network namespace', ['ip', 'netns', 'add', name]);
  if (noNamespace.length > 0) return noNamespace;
  const inside = ['ip', 'netns', 'exec', name];
  const reasons = [
    ...failed('no veth pair', [
      ...inside,
      'ip',
      'link',
      'add',
      'name',
      'probe0',
      'type',
      'veth',
      'peer',
      'name',
      'probe1',
    ]),
    ...failed('no bridge', [...inside, 'ip', 'link', 'add', 'name', 'probe2', 'type', 'bridge']),
    ...(installed('nft') ? failed('no nftables', [...inside, 'nft', 'add', 'table', 'inet', 'probe']) : []),
  ];
  spawnSync('ip', ['netns', 'del', name]);
  return reasons;
}
