/** Values of the programs' structs as plain objects and back, by the layouts that the BPF object itself tells. */
import type { Layout } from './btf.ts';

/** Integers of 8 bytes are bigint, all others number. */
export type Value = number | bigint | readonly Value[] | { readonly [member: string]: Value };

/** @throws Error when the value has a member that the layout has not; members that are not given are zero */
export function encode(layout: Layout, value: Value): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(layout.size);
  write(new DataView(bytes.buffer), 0, layout, value);
  return bytes;
}

export function decode(layout: Layout, bytes: Uint8Array): Value {
  return read(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0, layout);
}

function write(view: DataView, at: number, layout: Layout, value: Value): void {
  if (layout.kind === 'int') return writeInt(view, at, layout.size, value as number | bigint);
  if (layout.kind === 'array') {
    const items = value as readonly Value[];
    if (items.length > layout.count)
      throw new Error(`${items.length} values where ${layout.count} have room`);
    items.forEach((item, i) => write(view, at + i * layout.of.size, layout.of, item));
    return;
  }
  for (const [name, item] of Object.entries(value as Record<string, Value>)) {
    const member = layout.members.get(name);
    if (!member) throw new Error(`the struct has no member ${name}`);
    write(view, at + member.offset, member.layout, item);
  }
}

/** Numbers that do not fit are cut, as in C. Byte order is the machine's, little-endian on all that Node.js runs on with BPF. */
function writeInt(view: DataView, at: number, size: number, value: number | bigint): void {
  if (size === 8) view.setBigUint64(at, BigInt(value), true);
  else if (size === 4) view.setUint32(at, Number(value), true);
  else if (size === 2) view.setUint16(at, Number(value), true);
  else view.setUint8(at, Number(value));
}

function read(view: DataView, at: number, layout: Layout): Value {
  if (layout.kind === 'int') return readInt(view, at, layout);
  if (layout.kind === 'array') {
    return Array.from({ length: layout.count }, (_, i) => read(view, at + i * layout.of.size, layout.of));
  }
  return Object.fromEntries(
    [...layout.members].map(([name, member]) => [name, read(view, at + member.offset, member.layout)]),
  );
}

function readInt(
  view: DataView,
  at: number,
  { size, signed }: { readonly size: number; readonly signed: boolean },
): number | bigint {
  if (size === 8) return signed ? view.getBigInt64(at, true) : view.getBigUint64(at, true);
  if (size === 4) return signed ? view.getInt32(at, true) : view.getUint32(at, true);
  if (size === 2) return signed ? view.getInt16(at, true) : view.getUint16(at, true);
  return signed ? view.getInt8(at) : view.getUint8(at);
}
