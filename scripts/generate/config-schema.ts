import { z } from 'zod';
import { configSchema } from '../../src/model/config.ts';
import { NOT_AVAILABLE, type NotAvailable } from '../../src/model/not-available.ts';

const DESCRIPTION =
  'Config file of Poolgate. Editors with a YAML language server complete and check a file that begins with ' +
  '`# yaml-language-server: $schema=PATH/config.schema.json`.';

type Json = Record<string, unknown>;

/** JSON Schema of the config file. Bounds of durations and the syntax of addresses are checked by Poolgate alone. */
export function renderConfigSchema(): string {
  const { $schema, ...rest } = z.toJSONSchema(configSchema, {
    target: 'draft-2020-12',
    override: ({ jsonSchema }) => tidy(jsonSchema),
  }) as Json;
  for (const row of NOT_AVAILABLE) markRefused(propertyAt(rest, row.key), row);
  return `${JSON.stringify({ $schema, title: 'Poolgate config', description: DESCRIPTION, ...rest }, null, 2)}\n`;
}

/** Words of ours get the prefix that JSON Schema's own words never have. */
function tidy(schema: Json): void {
  for (const word of ['unit', 'applies', 'inherits']) {
    if (schema[word] !== undefined) schema[`x-${word}`] = schema[word];
    delete schema[word];
  }
}

/** Editors offer nothing that would then be refused, and say why. */
function markRefused(property: Json, { what, instead, refuses }: NotAvailable): void {
  const note = `Not in this version: ${what.replace(/,$/, '')}. ${instead}`;
  property['description'] = `${String(property['description'])}\n\n${note}`;
  const { enum: values } = property;
  if (refuses && Array.isArray(values)) property['enum'] = values.filter((value) => !refuses(value));
  if (refuses) return;
  // Both are words of VS Code and yaml-language-server; others pass over them.
  property['doNotSuggest'] = true;
  property['deprecationMessage'] = note;
}

/** @param path as `pools[].realServers[].weight`. @throws Error when there is no such property */
function propertyAt(schema: Json, path: string): Json {
  let at: Json | undefined = schema;
  for (const part of path.split(/\.|(?=\[\])/)) {
    const map = part === '[]' ? at : withKeys(at);
    at = (part === '[]' ? map?.['items'] : (map?.['properties'] as Json | undefined)?.[part]) as
      | Json
      | undefined;
  }
  if (at === undefined) throw new Error(`the JSON Schema has no property ${path}`);
  return at;
}

/** The schema itself, or the one of its alternatives that has keys. */
function withKeys(schema: Json | undefined): Json | undefined {
  const alternatives = schema?.['anyOf'] as Json[] | undefined;
  return alternatives?.find((one) => 'properties' in one) ?? schema;
}
