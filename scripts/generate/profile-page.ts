/** The page of one profile: every value with its source, and a config that runs. */
import { checkText, directText, portText, settingsOf, whenText } from '../../src/profiles/describe.ts';
import { exampleOf } from '../../src/profiles/example.ts';
import type { Profile } from '../../src/profiles/profile.ts';
import { code, generatedFrom, table } from './markdown.ts';

/** Where editors find the schema, from the folder of an example. */
const SCHEMA = '../../../docs/reference/config.schema.json';

export function renderExample(profile: Profile): string {
  return exampleOf(profile, SCHEMA);
}

export function renderProfilePage(profile: Profile): string {
  const { name, title, description, partial, support, notes } = profile;
  const example = exampleOf(profile, null);
  return `${[
    generatedFrom('src/profiles'),
    `# ${code(name)}`,
    `${title}. ${description}`,
    ...(partial === undefined ? [] : [`**Partial.** ${partial}`]),
    ...(support ? [`**Support.** ${support.text} (${support.source})`] : []),
    ...section('Options', ['Option', 'Default', 'What it does', 'Source'], options(profile)),
    ...section(
      'Ports',
      ['Port', 'Protocol', 'Purpose', 'Need', 'On the VIP', 'Persistence', 'Source'],
      ports(profile),
    ),
    ...section('Health checks', ['Check', 'Made', 'Source'], checks(profile)),
    ...section(
      'Settings',
      ['Setting', 'Value', 'Source'],
      settingsOf(profile).map((s) => [s.setting, s.value, s.source]),
    ),
    ...section('Not through the VIP', ['Port', 'What', 'Rule', 'Source'], direct(profile)),
    ...section(
      'Notes',
      ['Note', 'Rule', 'Source'],
      notes.map((note) => [note.text, note.rule ?? '', note.source]),
    ),
    '## Example',
    `[examples/profiles/${name}.yaml](../../../../examples/profiles/${name}.yaml)`,
    `\`\`\`yaml\n${example}\`\`\``,
    '[All profiles](../../profiles.md)',
  ].join('\n\n')}\n`;
}

function section(heading: string, head: readonly string[], rows: readonly string[][]): string[] {
  return rows.length === 0 ? [] : [`## ${heading}`, table(head, rows)];
}

function options(profile: Profile): string[][] {
  return Object.entries(profile.options).map(([name, option]) => [
    code(name),
    option.default === 'unset' ? 'unset' : code(String(option.default)),
    option.description,
    option.source,
  ]);
}

function ports(profile: Profile): string[][] {
  return profile.ports.map((port) => [
    portText(port),
    port.protocol,
    port.purpose,
    port.need,
    whenText(profile, port.option, 'port'),
    port.persistence?.value ?? '',
    port.source,
  ]);
}

function checks(profile: Profile): string[][] {
  return (profile.checks ?? []).map((check) => [
    code(checkText(check)),
    whenText(profile, check.option, 'check'),
    check.source,
  ]);
}

function direct({ neverBalanced = [] }: Profile): string[][] {
  return neverBalanced.map((one) => [directText(one), one.value, one.rule, one.source]);
}
