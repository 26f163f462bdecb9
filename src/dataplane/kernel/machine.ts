/** Looks at this machine for what requirements.ts asks. Changes nothing: what it tries it takes back in the same step. */
import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { release } from 'node:os';
import { PoolgateError } from '../../lib/errors.ts';
import { libbpf } from './bpf/libbpf.ts';
import { BpfProgram, OBJECT } from './bpf/program.ts';
import { Conntrack } from './conntrack/conntrack.ts';
import { type RunNft, runNft } from './nat/nft.ts';
import { type Capability, type KernelPart, type Machine, type Missing, missingFor } from './requirements.ts';

/** Bits of CapEff (capabilities(7)). */
const BITS: Record<Capability, readonly bigint[]> = {
  CAP_NET_ADMIN: [12n],
  CAP_NET_RAW: [13n],
  // Before Linux 5.8 it was part of CAP_SYS_ADMIN, which still includes it.
  CAP_BPF: [39n, 21n],
};

/** Where systemd mounts it, and where we do. */
export const BPF_FS = '/sys/fs/bpf';
const BPF_FS_MAGIC = 0xcafe4a11;
const CAP_SYS_ADMIN = 21n;
const TABLE = 'inet poolgate_probe';
const CHAIN = `add chain ${TABLE} f { type filter hook prerouting priority -150; }`;

/** In nft's language, between making a table and deleting it: what the kernel is to accept. */
const TRIALS: Record<KernelPart, readonly string[]> = {
  nf_tables: [],
  nf_conntrack: [CHAIN, `add rule ${TABLE} f ct state new ct mark set meta mark`],
  nf_nat: [
    `add chain ${TABLE} n { type nat hook prerouting priority -101; }`,
    `add rule ${TABLE} n dnat ip to 192.0.2.1`,
  ],
  reject: [CHAIN, `add rule ${TABLE} f meta l4proto tcp reject with tcp reset`],
  timeouts: [`add ct timeout ${TABLE} t { protocol tcp; policy = { established : 60 }; }`],
  segments: [CHAIN, `add rule ${TABLE} f tcp flags syn tcp option maxseg size set rt mtu`],
};

export async function lookAtMachine(run: RunNft = runNft): Promise<Machine> {
  const status = readFileSync('/proc/self/status', 'utf8');
  const capabilities = capabilitiesIn(status);
  const nft = await findNft(run);
  const canAsk = capabilities.has('CAP_NET_ADMIN');
  return {
    release: release(),
    capabilities,
    nft,
    refused: canAsk && nft !== 'absent' ? await refusedParts(run) : null,
    conntrackNetlink: canAsk ? conntrackAnswers() : null,
    object: existsSync(OBJECT),
    libbpf: hasLibbpf(),
    bpffs: isBpfFileSystem(BPF_FS) || mayMount(status),
  };
}

/** Of the trial, which counts nothing. */
const FEW_CONNECTIONS = 1024;

/** What this machine and this process lack. Where it seems to be nothing, the programs are loaded to see; 0.3 s. */
export async function missingHere(): Promise<readonly Missing[]> {
  const missing = missingFor(await lookAtMachine());
  return missing.length > 0 ? missing : refusedPrograms();
}

function refusedPrograms(): Missing[] {
  try {
    BpfProgram.load({ connections: FEW_CONNECTIONS }).close();
    return [];
  } catch (error) {
    const words = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
    const hint = 'It takes Linux 6.1 or newer, with CONFIG_BPF_SYSCALL and CONFIG_NET_CLS_BPF.';
    return [{ what: `Linux ${release()} does not take the programs (${words})`, hint }];
  }
}

/** @param status what /proc/self/status says (proc_pid_status(5)) */
export function capabilitiesIn(status: string): ReadonlySet<Capability> {
  const effective = effectiveIn(status);
  const all = Object.entries(BITS) as [Capability, readonly bigint[]][];
  return new Set(all.filter(([, bits]) => bits.some((bit) => (effective >> bit) & 1n)).map(([name]) => name));
}

async function findNft(run: RunNft): Promise<Machine['nft']> {
  try {
    const { stdout } = await run(['-V']);
    return /^\s*json:\s*no/m.test(stdout) ? 'no-json' : 'fine';
  } catch {
    return 'absent';
  }
}

/** One transaction each that leaves nothing; the first that fails says enough where nothing works at all. */
async function refusedParts(run: RunNft): Promise<KernelPart[]> {
  const refused: KernelPart[] = [];
  for (const [part, lines] of Object.entries(TRIALS) as [KernelPart, readonly string[]][]) {
    const script = [`add table ${TABLE}`, ...lines, `delete table ${TABLE}`, ''].join('\n');
    const { ok } = await run(['-f', '-'], script);
    if (!ok) refused.push(part);
    if (!ok && part === 'nf_tables') return refused;
  }
  return refused;
}

/** Asks for a connection that there is not: addresses of documentation, ports that nobody has. */
function conntrackAnswers(): boolean {
  const [from, to] = ['192.0.2.1', '192.0.2.2'];
  try {
    const conntrack = new Conntrack();
    try {
      conntrack.get({ protocol: 'tcp', from, fromPort: 1, to, toPort: 1 });
      return true;
    } finally {
      conntrack.close();
    }
  } catch (error) {
    if (error instanceof PoolgateError) return false;
    throw error;
  }
}

function effectiveIn(status: string): bigint {
  return BigInt(`0x${/^CapEff:\s*([\da-f]+)$/m.exec(status)?.[1] ?? '0'}`);
}

function mayMount(status: string): boolean {
  return existsSync(BPF_FS) && Boolean((effectiveIn(status) >> CAP_SYS_ADMIN) & 1n);
}

function hasLibbpf(): boolean {
  try {
    libbpf();
    return true;
  } catch {
    return false;
  }
}

export function isBpfFileSystem(path: string): boolean {
  try {
    return statfsSync(path).type === BPF_FS_MAGIC;
  } catch {
    return false;
  }
}
