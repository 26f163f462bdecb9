/**
 * Every call of libbpf (1.1 or newer) that the kernel plane makes. Errors come back as negative errno values, or as null
 * with errno set where a pointer is expected.
 */
import { isMainThread } from 'node:worker_threads';
import koffi from 'koffi';
import { PoolgateError } from '../../../lib/errors.ts';

/* oxlint-disable typescript/no-unsafe-type-assertion -- koffi types every function as any; these are the true types */

export type ObjectHandle = { readonly object: unique symbol };
type MapHandle = { readonly map: unique symbol };
type ProgramHandle = { readonly program: unique symbol };
type BtfHandle = { readonly btf: unique symbol };

interface Calls {
  openMem(bytes: Uint8Array, size: number, options: null): ObjectHandle | null;
  load(object: ObjectHandle): number;
  close(object: ObjectHandle): void;
  findMap(object: ObjectHandle, name: string): MapHandle | null;
  mapFd(map: MapHandle): number;
  mapById(id: number): number;
  setMaxEntries(map: MapHandle, entries: number): number;
  maxEntries(map: MapHandle): number;
  setPinPath(map: MapHandle, path: string): number;
  findProgram(object: ObjectHandle, name: string): ProgramHandle | null;
  programFd(program: ProgramHandle): number;
  btf(object: ObjectHandle): BtfHandle | null;
  btfBytes(btf: BtfHandle, size: Uint32Array): unknown;
  update(fd: number, key: Uint8Array, value: Uint8Array, flags: bigint): number;
  lookup(fd: number, key: Uint8Array, value: Uint8Array): number;
  remove(fd: number, key: Uint8Array): number;
  nextKey(fd: number, key: Uint8Array | null, next: Uint8Array): number;
  lookupBatch(
    fd: number,
    from: Uint8Array | null,
    to: Uint8Array,
    keys: Uint8Array,
    values: Uint8Array,
    count: Uint32Array,
    options: null,
  ): number;
  createMap(
    type: number,
    name: string,
    keySize: number,
    valueSize: number,
    entries: number,
    options: null,
  ): number;
  testRun(fd: number, options: Uint8Array): number;
  createHook(hook: Uint8Array): number;
  destroyHook(hook: Uint8Array): number;
  attach(hook: Uint8Array, options: Uint8Array): number;
  detach(hook: Uint8Array, options: Uint8Array): number;
  query(hook: Uint8Array, options: Uint8Array): number;
}

/** errno(3): no such entry; there already; no such argument; no room. */
export const ENOENT = 2;
export const EEXIST = 17;
export const EINVAL = 22;
export const ENOSPC = 28;

/** The library is looked for when it is first needed: a machine without it runs the proxy plane as before. */
function bind(): Calls {
  const library = koffi.load('libbpf.so.1');
  const call = (signature: string): never => library.func(signature) as never;
  // What it prints is heard by the thread that loads; calls that print are not for others.
  if (isMainThread) quieten(library);
  return {
    openMem: call('void *bpf_object__open_mem(const uint8_t *, size_t, const void *)'),
    load: call('int bpf_object__load(void *)'),
    close: call('void bpf_object__close(void *)'),
    findMap: call('void *bpf_object__find_map_by_name(void *, const char *)'),
    mapFd: call('int bpf_map__fd(void *)'),
    mapById: call('int bpf_map_get_fd_by_id(uint32_t)'),
    setMaxEntries: call('int bpf_map__set_max_entries(void *, uint32_t)'),
    maxEntries: call('uint32_t bpf_map__max_entries(void *)'),
    setPinPath: call('int bpf_map__set_pin_path(void *, const char *)'),
    findProgram: call('void *bpf_object__find_program_by_name(void *, const char *)'),
    programFd: call('int bpf_program__fd(void *)'),
    btf: call('void *bpf_object__btf(void *)'),
    btfBytes: call('const void *btf__raw_data(void *, _Out_ uint32_t *)'),
    update: call('int bpf_map_update_elem(int, const uint8_t *, const uint8_t *, uint64_t)'),
    lookup: call('int bpf_map_lookup_elem(int, const uint8_t *, _Out_ uint8_t *)'),
    remove: call('int bpf_map_delete_elem(int, const uint8_t *)'),
    nextKey: call('int bpf_map_get_next_key(int, const uint8_t *, _Out_ uint8_t *)'),
    lookupBatch: call(
      'int bpf_map_lookup_batch(int, const uint8_t *, _Out_ uint8_t *, uint8_t *, uint8_t *, _Inout_ uint32_t *, const void *)',
    ),
    createMap: call('int bpf_map_create(int, const char *, uint32_t, uint32_t, uint32_t, const void *)'),
    testRun: call('int bpf_prog_test_run_opts(int, _Inout_ uint8_t *)'),
    createHook: call('int bpf_tc_hook_create(_Inout_ uint8_t *)'),
    destroyHook: call('int bpf_tc_hook_destroy(_Inout_ uint8_t *)'),
    attach: call('int bpf_tc_attach(const uint8_t *, _Inout_ uint8_t *)'),
    detach: call('int bpf_tc_detach(const uint8_t *, const uint8_t *)'),
    query: call('int bpf_tc_query(const uint8_t *, _Inout_ uint8_t *)'),
  };
}

let calls: Calls | null = null;

/** @throws PoolgateError SYSTEM when the library is not there */
export function libbpf(): Calls {
  try {
    calls ??= bind();
  } catch (error) {
    throw new PoolgateError('SYSTEM', `libbpf.so.1 cannot be loaded: ${(error as Error).message}`, {
      hint: 'apt-get install libbpf1',
    });
  }
  return calls;
}

const LINES_KEPT = 200;
const said: string[] = [];

/** Has libbpf tell us what it would print, the verifier's words among them. */
function quieten(library: ReturnType<typeof koffi.load>): void {
  const libc = koffi.load('libc.so.6');
  // The arguments of a printf come as a va_list, which on this architecture is a pointer.
  const format = libc.func('int vsnprintf(_Out_ uint8_t *, size_t, const char *, void *)') as (
    into: Uint8Array,
    size: number,
    text: string,
    values: unknown,
  ) => number;
  const Print = koffi.proto('int PoolgateBpfPrint(int level, const char *format, void *values)');
  const setPrint = library.func('libbpf_set_print', 'void *', [koffi.pointer(Print)]) as (
    hear: unknown,
  ) => unknown;
  const buffer = new Uint8Array(65_536);
  const hear = (_level: number, text: string, values: unknown): number => {
    const length = format(buffer, buffer.length, text, values);
    const words = Buffer.from(buffer.subarray(0, Math.min(length, buffer.length - 1))).toString('latin1');
    said.push(...words.trimEnd().split('\n'));
    said.splice(0, Math.max(0, said.length - LINES_KEPT));
    return 0;
  };
  setPrint(koffi.register(hear, koffi.pointer(Print)));
}

/** The last lines that libbpf had to say since this was asked before. */
export function lastWords(lines: number): string {
  return said.splice(0).slice(-lines).join('\n');
}

/** The result if it is not an error. @throws PoolgateError SYSTEM with the error's number and libbpf's last words */
export function checked(result: number, what: string): number {
  if (result >= 0) return result;
  throw new PoolgateError('SYSTEM', `${what}: error ${-result}\n${lastWords(12)}`.trimEnd());
}

/** The bytes of the object's type information (BTF), copied. */
export function btfOf(object: ObjectHandle): Uint8Array {
  const lib = libbpf();
  const btf = lib.btf(object);
  const size = new Uint32Array(1);
  const at = btf && lib.btfBytes(btf, size);
  if (!at) throw new PoolgateError('SYSTEM', 'the BPF object has no type information');
  return new Uint8Array(koffi.decode(at, 'uint8_t', size[0]!) as Uint8Array);
}
