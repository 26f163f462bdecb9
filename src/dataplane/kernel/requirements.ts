/**
 * What the kernel data plane needs of a machine, and what to do about each thing that it lacks. Pure; machine.ts looks.
 * The kernel's own type information (/sys/kernel/btf/vmlinux) is not among it: the programs read no structs of the kernel
 * and bring the types of their maps with them.
 */

export type Capability = 'CAP_NET_ADMIN' | 'CAP_NET_RAW' | 'CAP_BPF';

/** Parts of the kernel that the table of nat/ is made of. */
export type KernelPart = 'nf_tables' | 'nf_conntrack' | 'nf_nat' | 'reject' | 'timeouts' | 'segments';

export interface Machine {
  /** As uname(2) tells it, e.g. `6.1.0-18-amd64`. */
  readonly release: string;
  readonly capabilities: ReadonlySet<Capability>;
  /** The program: not installed, without JSON, or fine. */
  readonly nft: 'absent' | 'no-json' | 'fine';
  /** What the kernel refuses; null: nobody could ask, for want of nft or of a capability. */
  readonly refused: readonly KernelPart[] | null;
  /** Conntrack answers by netlink; null as above. */
  readonly conntrackNetlink: boolean | null;
  /** The programs of bpf/, compiled. */
  readonly object: boolean;
  /** The library libbpf.so.1. */
  readonly libbpf: boolean;
  /** There is a file system for programs and maps at `/sys/fs/bpf`, or this process may mount one. */
  readonly bpffs: boolean;
}

export interface Missing {
  readonly what: string;
  readonly hint: string;
}

const CAPABILITIES: Record<Capability, string> = {
  CAP_NET_ADMIN: 'attaches programs to interfaces and replaces its nftables table',
  CAP_NET_RAW: 'tells both ends of a connection that it is over',
  CAP_BPF: 'loads its programs',
};

const PARTS: Record<KernelPart, Missing> = {
  nf_tables: part('no nftables', 'nf_tables', 'CONFIG_NF_TABLES_INET'),
  nf_conntrack: part('no connection tracking for nftables', 'nft_ct', 'CONFIG_NFT_CT'),
  nf_nat: part('no address translation for nftables', 'nft_chain_nat', 'CONFIG_NFT_NAT'),
  reject: part('no `reject` for nftables', 'nft_reject_inet', 'CONFIG_NFT_REJECT_INET'),
  timeouts: part('no timeouts of connection tracking', 'nft_ct', 'CONFIG_NF_CONNTRACK_TIMEOUT'),
  segments: part('no change of TCP options in nftables', 'nf_tables', 'CONFIG_NF_TABLES'),
};

/** Empty where the kernel data plane can run. In the order in which to mend it. */
export function missingFor(machine: Machine): Missing[] {
  const { release, nft, refused, conntrackNetlink, object, libbpf, bpffs } = machine;
  return [
    ...missingCapabilities(machine),
    ...lacks(nft !== 'absent', 'the program nft is not installed', 'Install the package nftables.'),
    ...lacks(nft !== 'no-json', 'this nft takes no JSON', 'Install an nft that was built with libjansson.'),
    ...(refused ?? []).map((one) => ({ ...PARTS[one], what: `Linux ${release} has ${PARTS[one].what}` })),
    ...lacks(
      conntrackNetlink !== false,
      `Linux ${release} does not list tracked connections`,
      'Load the module (`modprobe nf_conntrack_netlink`), or run a kernel with CONFIG_NF_CT_NETLINK.',
    ),
    ...lacks(
      object,
      'the programs for the kernel are not built (build/poolgate.bpf.o)',
      '`npm run bpf` builds them; it needs clang and libbpf-dev.',
    ),
    ...lacks(libbpf, 'the library libbpf.so.1 is not installed', 'Install the package libbpf1.'),
    ...lacks(
      bpffs,
      'no file system for BPF is mounted at /sys/fs/bpf',
      '`mount -t bpf bpf /sys/fs/bpf`; systemd does so at boot.',
    ),
  ];
}

function missingCapabilities({ capabilities }: Machine): Missing[] {
  const lacking = (Object.keys(CAPABILITIES) as Capability[]).filter((one) => !capabilities.has(one));
  const hint = 'Run as root, or give the service unit this capability (AmbientCapabilities).';
  return lacking.map((one) => ({
    what: `this process lacks ${one}, by which Poolgate ${CAPABILITIES[one]}`,
    hint,
  }));
}

function lacks(there: boolean, what: string, hint: string): Missing[] {
  return there ? [] : [{ what, hint }];
}

function part(what: string, module: string, option: string): Missing {
  return { what, hint: `Load the module (\`modprobe ${module}\`), or run a kernel with ${option}.` };
}

/** For one line of the log: why not, and what else to do. */
export function oneLine(missing: readonly Missing[]): string {
  return missing.map(({ what }) => what).join('; ');
}
