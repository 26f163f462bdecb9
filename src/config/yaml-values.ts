/**
 * The values of a YAML document as plain objects, lists and scalars. Does by itself what the library would do without
 * bounds: following aliases, comparing keys, and keys such as `__proto__`.
 */
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { type Problem, SYNTAX } from './yaml-problems.ts';

/** Deep enough for every config. */
const MAX_DEPTH = 32;
/** A config of the largest size has fewer values; only aliases of aliases come to more. */
const MAX_VALUES = 500_000;
const MAX_PROBLEMS = 20;

interface Reading {
  readonly problems: Problem[];
  /** Those seen so far: an alias means the last one before it. (The library would search the document each time.) */
  readonly anchors: Map<string, Node>;
  values: number;
  /** Too deep or too large: what is read from now on is dropped. */
  spent: boolean;
}

export function toPlain(doc: Document.Parsed): { value: unknown; problems: Problem[] } {
  const reading: Reading = { problems: [], anchors: new Map(), values: 0, spent: false };
  const value = plain(reading, doc.contents, 0);
  return { value: reading.spent ? undefined : value, problems: reading.problems };
}

function plain(reading: Reading, node: unknown, depth: number): unknown {
  if (reading.spent) return undefined;
  if (++reading.values > MAX_VALUES) return giveUp(reading, node, 'The aliases expand to too many values.');
  if (depth > MAX_DEPTH) return giveUp(reading, node, 'Lists and maps are nested too deeply.');
  if (isAlias(node)) return plainAlias(reading, node, depth);
  if (isNode(node) && node.anchor) reading.anchors.set(node.anchor, node);
  if (isMap(node)) return plainMap(reading, node, depth);
  if (isSeq(node)) return plainList(reading, node, depth);
  return isScalar(node) ? plainScalar(node) : null;
}

function plainAlias(reading: Reading, alias: Alias, depth: number): unknown {
  const anchored = reading.anchors.get(alias.source);
  if (anchored) return plain(reading, anchored, depth + 1);
  const message = `There is no \`&${alias.source.slice(0, 60)}\` above this alias.`;
  report(reading, alias, SYNTAX, message, 'Write the value itself, or quote it: "*…".');
  return null;
}

/** Integers too large for a number, and the like, are shown as they stand, and refused by the schema. */
function plainScalar(node: Scalar): unknown {
  return typeof node.value === 'bigint' ? String(node.value) : node.value;
}

function plainList(reading: Reading, list: YAMLSeq, depth: number): unknown[] {
  return list.items.map((item) => plain(reading, item, depth + 1));
}

function plainMap(reading: Reading, map: YAMLMap, depth: number): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const pair of map.items) {
    const key = keyOf(reading, pair.key);
    if (key === null) continue;
    if (Object.hasOwn(result, key)) duplicate(reading, pair.key, key);
    const value = plain(reading, pair.value, depth + 1);
    // Defined, not assigned: `__proto__` has to be a key like any other, which the schema then does not know.
    Object.defineProperty(result, key, { value, enumerable: true, configurable: true, writable: true });
  }
  return result;
}

function keyOf(reading: Reading, node: unknown): string | null {
  const key = isAlias(node) ? reading.anchors.get(node.source) : node;
  if (isScalar(key)) return String(key.value);
  report(
    reading,
    node,
    SYNTAX,
    'A list or a map cannot be a key.',
    'Write `key: value` with a plain word as key.',
  );
  return null;
}

function duplicate(reading: Reading, node: unknown, key: string): void {
  const message = `The key \`${key.slice(0, 80)}\` is there twice.`;
  report(reading, node, 'CONFIG_DUPLICATE_KEY', message, 'Keep one of them.');
}

function giveUp(reading: Reading, node: unknown, message: string): undefined {
  reading.spent = true;
  report(reading, node, SYNTAX, message, 'Write the values out, with fewer levels.');
}

function report(reading: Reading, node: unknown, rule: string, message: string, hint: string): void {
  if (reading.problems.length >= MAX_PROBLEMS) return;
  reading.problems.push({ rule, message, hint, offset: (node as Node | null)?.range?.[0] ?? 0 });
}
