/**
 * What a field of the config is, beside its type. It stands with the schema of the field and nowhere else; JSON
 * Schema, the reference page and the messages are made from it.
 */
import { z } from 'zod';

export interface FieldMeta {
  readonly title: string;
  /** Full sentences, Markdown. */
  readonly description: string;
  readonly unit?: string | undefined;
  /** The schema's own default, as the file would say it. Absent: required, or nothing when it is absent. */
  readonly default?: unknown;
  /** Where the value comes from when it is absent, before the schema: `the profile`, or a key of `defaults`. */
  readonly inherits?: string | undefined;
  /** `restart`: a change is refused while running. */
  readonly applies: 'live' | 'restart';
}

type Words = Omit<FieldMeta, 'applies'> & { readonly applies?: FieldMeta['applies'] };

/** A field that must be there. */
export function required<T extends z.ZodType>(schema: T, words: Words): T {
  return schema.meta({ applies: 'live', ...words }) as T;
}

/**
 * A field that may be absent. The schema fills in nothing, so that "absent" stays visible to the order of
 * precedence: file, profile, `defaults`, schema.
 */
export function optional<T extends z.ZodType>(schema: T, words: Words): z.ZodOptional<T> {
  return schema.optional().meta({ applies: 'live', ...words });
}

/** The words of a field; null for schemas that have none. */
export function metaOf(schema: z.ZodType): FieldMeta | null {
  const meta = z.globalRegistry.get(schema) as Partial<FieldMeta> | undefined;
  return meta?.title === undefined ? null : (meta as FieldMeta);
}
