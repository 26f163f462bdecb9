/** The reference page of the config: every key with type, default, unit, and when a change takes effect. */
import { z } from 'zod';
import { MAX_CONFIG_BYTES } from '../../src/model/config.ts';
import type { FieldMeta } from '../../src/model/field.ts';
import { NOT_AVAILABLE, type NotAvailable } from '../../src/model/not-available.ts';
import { fields, unwrap } from '../../src/model/walk.ts';
import { code, generatedFrom, table } from './markdown.ts';
import { typeText } from './type-text.ts';

const INTRO = `# Config reference

The config is one YAML file of at most ${MAX_CONFIG_BYTES / 1024} KiB, in UTF-8. Unknown keys are errors. Durations are whole numbers with their unit:
\`500ms\`, \`5s\`, \`30m\`, \`1h\`. A value that is absent comes from the pool's profile, then from \`defaults\`, then from the
default below; \`poolgate config show --effective\` prints where each came from, and \`poolgate check FILE\` all that is wrong.

*Applies* says when a change takes effect: \`live\` at once, without touching connections that it does not concern;
\`restart\` only at the next start, and until then \`apply\` refuses it.

The file \`config.schema.json\` beside this page makes editors complete and check the keys: begin the config with
\`# yaml-language-server: $schema=…/docs/reference/config.schema.json\`.`;

const LATER = `## Not available yet

The format has these keys and values, and this version refuses them with \`NOT_AVAILABLE\`, so that none is ignored by accident.`;

export function renderConfigPage(): string {
  const all = [...fields()];
  const sections = [...new Set(all.map((f) => parentOf(f.key)))];
  const parts = sections.map((section) => {
    const rows = all
      .filter((f) => parentOf(f.key) === section)
      .map((f) => row(f.key, f.schema, f.meta, f.required));
    const head = ['Key', 'Type', 'Default', 'Unit', 'Applies', 'What it does'];
    return `## ${section === '' ? 'The file' : code(section)}\n\n${table(head, rows)}`;
  });
  return `${[generatedFrom('src/model'), INTRO, ...parts, LATER, laterTable()].join('\n\n')}\n`;
}

function parentOf(key: string): string {
  return key.includes('.') ? key.slice(0, key.lastIndexOf('.')) : '';
}

function row(key: string, schema: z.ZodType, meta: FieldMeta, required: boolean): string[] {
  const name = key.slice(key.lastIndexOf('.') + 1);
  const isSection = unwrap(schema) instanceof z.ZodObject;
  const applies = isSection ? '' : code(meta.applies);
  const refused = NOT_AVAILABLE.filter((n) => n.key === key).map(
    (n) => `**Not in this version:** ${whatOf(n)}.`,
  );
  const text = [`**${meta.title}.** ${meta.description}`, ...refused].join(' ');
  return [code(name), typeText(schema), defaultText(meta, required), meta.unit ?? '', applies, text];
}

function defaultText(meta: FieldMeta, required: boolean): string {
  if (required) return '*required*';
  const inherits = meta.inherits?.replace(/defaults\.[\w.]+/g, code);
  const own = meta.default === undefined ? undefined : code(shown(meta.default));
  return [inherits, own].filter((t) => t !== undefined).join(', then ');
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function laterTable(): string {
  const rows = NOT_AVAILABLE.map((n) => [code(n.key), whatOf(n), n.instead]);
  return table(['Key', 'What is refused', 'Instead'], rows);
}

/** In sentences of `check` a comma may follow it. */
function whatOf({ what }: NotAvailable): string {
  return what.replace(/,$/, '');
}
