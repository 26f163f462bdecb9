/** The type of a field in a few words, read from its JSON Schema, where the bounds stand. */
import { z } from 'zod';
import { code } from './markdown.ts';

interface Json {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Json[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: Json;
  readonly properties?: object;
}

export function typeText(schema: z.ZodType): string {
  const inner = schema instanceof z.ZodOptional ? (schema.unwrap() as z.ZodType) : schema;
  const json = z.toJSONSchema(inner) as Json;
  return json.type === 'string' && !json.enum ? kindOf(inner) : words(json);
}

/** Of strings the message knows more than JSON Schema: bounds of durations, what an address is. */
function kindOf(schema: z.ZodType): string {
  const message = schema.safeParse(Symbol('of no type')).error?.issues[0]?.message ?? '';
  return message.replace(/^must be (an? )?/, '').replace(/, with its unit$/, '');
}

function words(json: Json): string {
  if (json.const !== undefined) return code(String(json.const));
  if (json.enum) return json.enum.map((v) => code(String(v))).join(', ');
  if (json.anyOf) return json.anyOf.map(words).join(' or ');
  if (json.type === 'integer') return `whole number ${json.minimum}–${json.maximum}`;
  if (json.type === 'boolean') return '`true`, `false`';
  if (json.type === 'array') return `list of ${plural(json.items)}, ${json.minItems}–${json.maxItems}`;
  if (json.type === 'object') return 'map';
  return 'text';
}

function plural(items: Json | undefined): string {
  return items?.type === 'object' ? 'maps' : `(${words(items ?? {})})`;
}
