/**
 * Programs at the traffic-control hooks of an interface (tc-bpf(8)). A filter holds its program and that its maps: what is
 * attached goes on deciding when this process ends, however it ends.
 */
import { hasFilters } from './filters.ts';
import { checked, EEXIST, EINVAL, ENOENT, libbpf } from './libbpf.ts';

/** Filters of ours have this place in the chain of an interface; those of others have others. */
const PRIORITY = 0x5047;
const HANDLE = 1;
const REPLACE = 1;

/** enum bpf_tc_attach_point */
const POINTS = { ingress: 1, egress: 2 } as const;
export type Direction = keyof typeof POINTS;

/** struct bpf_tc_hook and struct bpf_tc_opts of libbpf. */
const HOOK_SIZE = 24;
const OPTIONS_SIZE = 32;
const OPTIONS = { program: 8, flags: 12, programId: 16, handle: 20, priority: 24 } as const;

/**
 * Attaches a program, in the place of one that we attached before.
 * @param interfaceIndex of this network namespace (if_nametoindex(3))
 * @throws PoolgateError SYSTEM
 */
export function attach(interfaceIndex: number, direction: Direction, program: number): void {
  const hook = hookOf(interfaceIndex, POINTS[direction]);
  const created = libbpf().createHook(hook);
  if (created !== -EEXIST) checked(created, `the ${direction} hook of interface ${interfaceIndex}`);
  const options = ours();
  new DataView(options.buffer).setInt32(OPTIONS.program, program, true);
  new DataView(options.buffer).setUint32(OPTIONS.flags, REPLACE, true);
  checked(libbpf().attach(hook, options), `attaching to ${direction} of interface ${interfaceIndex}`);
}

/** The id of our program there, or null. @throws PoolgateError SYSTEM */
export function attached(interfaceIndex: number, direction: Direction): number | null {
  const options = ours();
  const result = libbpf().query(hookOf(interfaceIndex, POINTS[direction]), options);
  // Without a clsact qdisc there is not even a place to look into.
  if (result === -ENOENT || result === -EINVAL) return null;
  checked(result, `looking at ${direction} of interface ${interfaceIndex}`);
  return new DataView(options.buffer).getUint32(OPTIONS.programId, true);
}

/** Takes our program away and leaves those of others; that there is none is fine. @throws PoolgateError SYSTEM */
export function detach(interfaceIndex: number, direction: Direction): void {
  if (attached(interfaceIndex, direction) === null) return;
  const result = libbpf().detach(hookOf(interfaceIndex, POINTS[direction]), ours());
  if (result !== -ENOENT) checked(result, `detaching from ${direction} of interface ${interfaceIndex}`);
}

/**
 * Removes the hooks of an interface (its clsact qdisc) if nobody has a filter there; whose they were then, nothing goes on
 * without them.
 * @throws PoolgateError SYSTEM
 */
export function removeHooks(interfaceIndex: number): void {
  if (hasFilters(interfaceIndex)) return;
  const result = libbpf().destroyHook(hookOf(interfaceIndex, POINTS.ingress | POINTS.egress));
  if (result !== -ENOENT && result !== -EINVAL) checked(result, `the hooks of interface ${interfaceIndex}`);
}

function hookOf(interfaceIndex: number, point: number): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(HOOK_SIZE));
  view.setBigUint64(0, BigInt(HOOK_SIZE), true);
  view.setInt32(8, interfaceIndex, true);
  view.setUint32(12, point, true);
  return new Uint8Array(view.buffer);
}

function ours(): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(OPTIONS_SIZE));
  view.setBigUint64(0, BigInt(OPTIONS_SIZE), true);
  view.setUint32(OPTIONS.handle, HANDLE, true);
  view.setUint32(OPTIONS.priority, PRIORITY, true);
  return new Uint8Array(view.buffer);
}
