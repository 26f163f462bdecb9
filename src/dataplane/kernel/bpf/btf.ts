/**
 * Layouts of the structs of a BPF object, from its type information (Documentation/bpf/btf.rst in the kernel's tree), so
 * that sizes and offsets stand in bpf/maps.h alone.
 */
export type Layout =
  | { readonly kind: 'int'; readonly size: number; readonly signed: boolean }
  | { readonly kind: 'array'; readonly size: number; readonly count: number; readonly of: Layout }
  | { readonly kind: 'struct'; readonly size: number; readonly members: ReadonlyMap<string, Member> };

export interface Member {
  readonly offset: number;
  readonly layout: Layout;
}

const MAGIC = 0xeb9f;
const INT = 1;
const POINTER = 2;
const ARRAY = 3;
const STRUCT = 4;
const UNION = 5;
const ENUM = 6;
const TYPEDEF = 8;
const VOLATILE = 9;
const CONST = 10;
const RESTRICT = 11;
/** Bytes that follow the twelve of each kind: of its own, and for each of its members. */
const TAIL: Readonly<Record<number, readonly [own: number, each: number]>> = {
  1: [4, 0],
  3: [12, 0],
  4: [0, 12],
  5: [0, 12],
  6: [0, 8],
  13: [0, 8],
  14: [4, 0],
  15: [0, 12],
  17: [4, 0],
  19: [0, 12],
};

interface RawType {
  readonly at: number;
  readonly name: string;
  readonly kind: number;
  readonly members: number;
  /** A size or another type, by kind. */
  readonly word: number;
}

/** @throws Error when the bytes are not BTF of version 1, or torn */
export class Btf {
  private readonly view: DataView;
  private readonly types: RawType[] = [];
  private readonly strings: number;

  constructor(bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (this.view.getUint16(0, true) !== MAGIC || this.view.getUint8(2) !== 1) {
      throw new Error('not BTF of version 1');
    }
    const header = this.view.getUint32(4, true);
    const types = header + this.view.getUint32(8, true);
    const end = types + this.view.getUint32(12, true);
    this.strings = header + this.view.getUint32(16, true);
    for (let at = types; at < end; at = this.read(at));
  }

  /** @throws Error when there is no struct of this name */
  struct(name: string): Extract<Layout, { kind: 'struct' }> {
    const found = this.types.findIndex((type) => type.kind === STRUCT && type.name === name);
    if (found < 0) throw new Error(`the BPF object knows no struct ${name}`);
    return this.layout(found + 1, 0) as Extract<Layout, { kind: 'struct' }>;
  }

  /** Notes the type that stands here; returns where the next one does. */
  private read(at: number): number {
    const info = this.view.getUint32(at + 4, true);
    const kind = (info >>> 24) & 0x1f;
    const members = info & 0xffff;
    const name = this.text(this.view.getUint32(at, true));
    this.types.push({ at, name, kind, members, word: this.view.getUint32(at + 8, true) });
    const [own, each] = TAIL[kind] ?? [0, 0];
    return at + 12 + own + each * members;
  }

  /** @param depth how far inside; types that contain themselves are not BTF of a compiler, but may be handed in */
  private layout(id: number, depth: number): Layout {
    const type = this.types[id - 1];
    if (!type || depth > 16) throw new Error(`type ${id} of the BPF object is not there or has no end`);
    switch (type.kind) {
      case INT:
        return {
          kind: 'int',
          size: type.word,
          signed: (this.view.getUint32(type.at + 12, true) >>> 24) % 2 === 1,
        };
      case ENUM:
        return { kind: 'int', size: type.word, signed: false };
      case POINTER:
        return { kind: 'int', size: 8, signed: false };
      case ARRAY: {
        const of = this.layout(this.view.getUint32(type.at + 12, true), depth + 1);
        const count = this.view.getUint32(type.at + 20, true);
        return { kind: 'array', size: of.size * count, count, of };
      }
      case STRUCT:
      case UNION:
        return { kind: 'struct', size: type.word, members: this.membersOf(type, depth) };
      case TYPEDEF:
      case VOLATILE:
      case CONST:
      case RESTRICT:
        return this.layout(type.word, depth + 1);
      default:
        throw new Error(`type ${type.name} of kind ${type.kind} has no layout`);
    }
  }

  private membersOf(type: RawType, depth: number): Map<string, Member> {
    const members = new Map<string, Member>();
    for (let i = 0; i < type.members; i++) {
      const at = type.at + 12 + i * 12;
      const name = this.text(this.view.getUint32(at, true));
      const layout = this.layout(this.view.getUint32(at + 4, true), depth + 1);
      members.set(name, { offset: this.view.getUint32(at + 8, true) / 8, layout });
    }
    return members;
  }

  private text(offset: number): string {
    let end = this.strings + offset;
    while (this.view.getUint8(end) !== 0) end++;
    const { buffer, byteOffset } = this.view;
    return Buffer.from(buffer, byteOffset + this.strings + offset, end - this.strings - offset).toString(
      'latin1',
    );
  }
}

/** Where these members of a struct are. @throws Error when it has no such member */
export function offsets<Name extends string>(layout: Layout, names: readonly Name[]): Record<Name, number> {
  const found = names.map((name) => {
    const member = layout.kind === 'struct' ? layout.members.get(name) : undefined;
    if (!member) throw new Error(`a struct of the programs has no member ${name}`);
    return [name, member.offset] as const;
  });
  return Object.fromEntries(found) as Record<Name, number>;
}
