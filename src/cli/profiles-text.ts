/** Profiles as people read them: tables with one word for each source, and the documents below. */
import { checkText, directText, portsText, portText, settingsOf, whenText } from '../profiles/describe.ts';
import type { Profile } from '../profiles/profile.ts';
import { type Column, type TableStyle, table } from './table.ts';
import { paint } from './text.ts';

export function profilesTable(profiles: readonly Profile[], style: TableStyle): string {
  return table(profiles, SUMMARY, style);
}

const SUMMARY: readonly Column<Profile>[] = [
  { title: 'NAME', cell: (p) => p.name },
  { title: 'NAT', cell: (p) => p.nat?.value ?? 'full' },
  { title: 'TITLE', cell: (p) => p.title, shrinkTo: 24 },
  { title: 'PORTS', cell: portsText, shrinkTo: 12, optional: true },
];

/** Cells of one line; the last is the number of its source. */
type Line = readonly string[];

export function profileText(profile: Profile, style: TableStyle): string {
  const sources = new Sources();
  const { name, title, description, partial, support, notes } = profile;
  const section = (heading: string, titles: readonly string[], lines: readonly Line[]): string =>
    lines.length === 0 ? '' : `\n${paint(heading, 'bold', style.colour)}\n${rows(titles, lines, style)}`;
  const head = [
    `${paint(name, 'bold', style.colour)}  ${title}`,
    plain(description),
    ...(partial === undefined ? [] : [`Partial: ${plain(partial)}`]),
    ...(support ? [`Support: ${support.text} [${sources.numberOf(support.source)}]`] : []),
  ];
  const tables = [
    section('Options', ['NAME', 'DEFAULT', 'DOES', 'SOURCE'], options(profile, sources)),
    section(
      'Ports',
      ['PORT', 'PROTOCOL', 'PURPOSE', 'NEED', 'ON THE VIP', 'SOURCE'],
      ports(profile, sources),
    ),
    section('Health checks', ['CHECK', 'MADE', 'SOURCE'], checks(profile, sources)),
    section(
      'Settings',
      ['SETTING', 'VALUE', 'SOURCE'],
      settingsOf(profile).map((s) => [s.setting, s.value, sources.numberOf(s.source)]),
    ),
    section('Not through the VIP', ['PORT', 'WHAT', 'RULE', 'SOURCE'], direct(profile, sources)),
    section(
      'Notes',
      ['RULE', 'NOTE', 'SOURCE'],
      notes.map(({ rule, text, source }) => [rule ?? '-', plain(text), sources.numberOf(source)]),
    ),
  ];
  const list = sources.all.map((source, i) => `  [${i + 1}] ${source}`);
  return `${[...head, ...tables.map((t) => t.trimEnd()), '', 'Sources', ...list]
    .filter((line, i) => line !== '' || i > head.length)
    .join('\n')}\n`;
}

/** Documents by number, in the order of their first mention. */
class Sources {
  readonly #numbers = new Map<string, number>();

  numberOf(source: string): string {
    const number = this.#numbers.get(source) ?? this.#numbers.size + 1;
    this.#numbers.set(source, number);
    return String(number);
  }

  get all(): readonly string[] {
    return [...this.#numbers.keys()];
  }
}

function options(profile: Profile, sources: Sources): Line[] {
  return Object.entries(profile.options).map(([name, option]) => [
    name,
    String(option.default),
    plain(option.description),
    sources.numberOf(option.source),
  ]);
}

function ports(profile: Profile, sources: Sources): Line[] {
  return profile.ports.map((port) => [
    portText(port),
    port.protocol,
    port.purpose,
    port.need,
    whenText(profile, port.option, 'port'),
    sources.numberOf(port.source),
  ]);
}

function checks(profile: Profile, sources: Sources): Line[] {
  return (profile.checks ?? []).map((check) => [
    checkText(check),
    whenText(profile, check.option, 'check'),
    sources.numberOf(check.source),
  ]);
}

function direct({ neverBalanced = [] }: Profile, sources: Sources): Line[] {
  return neverBalanced.map((one) => [directText(one), one.value, one.rule, sources.numberOf(one.source)]);
}

function rows(titles: readonly string[], lines: readonly Line[], style: TableStyle): string {
  const columns = titles.map((title, at): Column<Line> => ({ title, cell: (line) => line[at] ?? '' }));
  // Sentences are read, not scanned: a window that is too narrow breaks their lines, and nothing is cut.
  return table(lines, columns, { ...style, columns: null });
}

/** Markdown's marks are for pages. */
function plain(text: string): string {
  return text.replaceAll('`', '');
}
