/** Going through the schema: which keys stand where, and every field in order. */
import { z } from 'zod';
import { configSchema } from './config.ts';
import { type FieldMeta, metaOf } from './field.ts';
import type { Path } from './path.ts';

/** The keys that the map at this path may have; empty where it is not a map with fixed keys. */
export function keysAt(path: Path): string[] {
  let schema: z.ZodType | undefined = configSchema;
  for (const step of path) schema = schema && childOf(unwrap(schema), step);
  const map = schema && unwrap(schema);
  return map instanceof z.ZodObject ? Object.keys(map.shape) : [];
}

/** A union's children are those of the branch that has any: its other branches are scalars. */
function childOf(schema: z.ZodType, step: string | number): z.ZodType | undefined {
  if (schema instanceof z.ZodObject)
    return Object.hasOwn(schema.shape, step) ? schema.shape[step] : undefined;
  return schema instanceof z.ZodArray ? (schema.element as z.ZodType) : undefined;
}

/** Without `optional`; of a union the map in it, if it has one. */
export function unwrap(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional) return unwrap(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodUnion) {
    const map = schema.options.find((o) => o instanceof z.ZodObject);
    return (map as z.ZodType | undefined) ?? schema;
  }
  return schema;
}

export interface Field {
  /** As `pools[].realServers[].weight`. */
  readonly key: string;
  readonly schema: z.ZodType;
  readonly meta: FieldMeta;
  readonly required: boolean;
}

/** Every field of the file, a section before its keys, in the order of the schema. */
export function* fields(schema: z.ZodType = configSchema, prefix = ''): Generator<Field> {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodArray) yield* fields(inner.element as z.ZodType, `${prefix}[]`);
  if (!(inner instanceof z.ZodObject)) return;
  for (const [name, child] of Object.entries(inner.shape as Record<string, z.ZodType>)) {
    const key = prefix === '' ? name : `${prefix}.${name}`;
    const meta = metaOf(child);
    if (meta) yield { key, schema: child, meta, required: !(child instanceof z.ZodOptional) };
    yield* fields(child, key);
  }
}
