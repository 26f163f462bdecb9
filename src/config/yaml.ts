/**
 * YAML text to plain values, and back from a path in them to the place in the text. Nothing here knows what the keys
 * mean. Whatever the text is, reading it ends and gives values or problems.
 */
import { type Document, isAlias, isMap, isNode, isScalar, isSeq, type Node, parseDocument } from 'yaml';
import type { Path } from '../model/path.ts';
import { explainYaml, type Problem, SYNTAX } from './yaml-problems.ts';
import { toPlain } from './yaml-values.ts';

export interface Source {
  /** Undefined when the text is too broken to have values. */
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Offset of what stands at the path; of its nearest ancestor when it is absent. */
  offsetOf(path: Path, part: 'key' | 'value'): number;
  /** Line and column, from 1, the column in characters. */
  placeOf(offset: number): { line: number; col: number };
}

export function readYaml(text: string): Source {
  const placeOf = (offset: number): { line: number; col: number } => place(text, offset);
  const doc = parse(text);
  if (doc === null) {
    const hint = 'Check that this is a Poolgate config.';
    const problems = [{ rule: SYNTAX, message: 'This cannot be read as YAML.', hint, offset: 0 }];
    return { value: undefined, problems, offsetOf: () => 0, placeOf };
  }
  const offsetOf = (path: Path, part: 'key' | 'value'): number => find(doc, path, part);
  const syntax = explainYaml(doc, text);
  if (syntax.length > 0) return { value: undefined, problems: syntax, offsetOf, placeOf };
  const { value, problems } = toPlain(doc);
  return { value, problems, offsetOf, placeOf };
}

function parse(text: string): Document.Parsed | null {
  const limit = Error.stackTraceLimit;
  try {
    // A broken megabyte holds a million errors, and collecting a stack for each takes most of the time.
    Error.stackTraceLimit = 0;
    // Duplicate keys are found by toPlain: the library compares every key with every other one.
    return parseDocument(text, {
      prettyErrors: false,
      uniqueKeys: false,
      strict: true,
      logLevel: 'error',
    });
  } catch {
    return null;
  } finally {
    Error.stackTraceLimit = limit;
  }
}

function find(doc: Document.Parsed, path: Path, part: 'key' | 'value'): number {
  let node: Node | null = doc.contents;
  let offset = start(node);
  for (const [i, step] of path.entries()) {
    const wantsKey = part === 'key' && i === path.length - 1;
    const child = childOf(resolve(doc, node), step, wantsKey);
    if (!child) return offset;
    [node, offset] = [child.node, child.offset];
  }
  return offset;
}

function childOf(
  parent: Node | null,
  step: string | number,
  wantsKey: boolean,
): { node: Node | null; offset: number } | null {
  if (isSeq(parent)) {
    const item: unknown = parent.items[Number(step)];
    return isNode(item) ? { node: item, offset: start(item) } : null;
  }
  if (!isMap(parent)) return null;
  const pair = parent.items.find((p) => isScalar(p.key) && String(p.key.value) === step);
  if (!pair || !isNode(pair.key)) return null;
  const node = isNode(pair.value) ? pair.value : null;
  // A key without a value has an empty value somewhere behind the colon; the key is what a person wants to see.
  const empty = !node || node.range?.[0] === node.range?.[1];
  return { node, offset: wantsKey || empty ? start(pair.key) : start(node) };
}

function resolve(doc: Document.Parsed, node: Node | null): Node | null {
  return isAlias(node) ? (node.resolve(doc) ?? null) : node;
}

function start(node: Node | null): number {
  return node?.range?.[0] ?? 0;
}

function place(text: string, offset: number): { line: number; col: number } {
  const before = text.slice(0, offset);
  const from = before.lastIndexOf('\n') + 1;
  let line = 1;
  for (let at = before.indexOf('\n'); at >= 0; at = before.indexOf('\n', at + 1)) line++;
  return { line, col: Array.from(before.slice(from)).length + 1 };
}
