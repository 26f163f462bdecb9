/** BPF_PROG_TEST_RUN (Documentation/bpf/bpf_prog_run.rst in the kernel's tree): how `sweep` is run, and packets are tried. */
import { Memory } from '../../proxy/libc.ts';
import { checked, libbpf } from './libbpf.ts';

/** struct bpf_test_run_opts of libbpf: its size, and where its members are. */
const SIZE = 80;
const DATA_IN = 8;
const DATA_OUT = 16;
const DATA_SIZE_IN = 24;
const DATA_SIZE_OUT = 28;
const CONTEXT_IN = 32;
const CONTEXT_OUT = 40;
const CONTEXT_SIZE_IN = 48;
const CONTEXT_SIZE_OUT = 52;
const RETURNED = 56;

export interface Ran {
  /** What the program returned. */
  readonly returned: number;
  /** The context afterwards. */
  readonly context: Uint8Array<ArrayBuffer>;
  /** The packet afterwards. */
  readonly data: Uint8Array<ArrayBuffer>;
}

/** By how much a program may make a packet longer. */
const ROOM = 256;

/**
 * @param context what the program gets: its argument, or struct __sk_buff for one that takes packets
 * @throws PoolgateError SYSTEM, e.g. for a packet of fewer than 14 bytes
 */
export function runProgram(fd: number, context: Uint8Array, data: Uint8Array = new Uint8Array()): Ran {
  const memory = {
    context: copied(context),
    data: copied(data),
    out: copied(new Uint8Array(data.length + ROOM)),
  };
  const options = new DataView(new ArrayBuffer(SIZE));
  options.setBigUint64(0, BigInt(SIZE), true);
  options.setBigUint64(CONTEXT_IN, BigInt(memory.context.address), true);
  options.setUint32(CONTEXT_SIZE_IN, context.length, true);
  if (data.length > 0) {
    // A program of type syscall changes its context in place and wants neither of these.
    options.setBigUint64(CONTEXT_OUT, BigInt(memory.context.address), true);
    options.setUint32(CONTEXT_SIZE_OUT, context.length, true);
    options.setBigUint64(DATA_IN, BigInt(memory.data.address), true);
    options.setBigUint64(DATA_OUT, BigInt(memory.out.address), true);
    options.setUint32(DATA_SIZE_IN, data.length, true);
    options.setUint32(DATA_SIZE_OUT, data.length + ROOM, true);
  }
  checked(libbpf().testRun(fd, new Uint8Array(options.buffer)), 'running a BPF program');
  return {
    returned: options.getUint32(RETURNED, true),
    context: memory.context.bytes.slice(0, context.length),
    data: memory.out.bytes.slice(0, options.getUint32(DATA_SIZE_OUT, true)),
  };
}

function copied(bytes: Uint8Array): Memory {
  const memory = new Memory(Math.max(bytes.length, 1));
  memory.bytes.set(bytes);
  return memory;
}
