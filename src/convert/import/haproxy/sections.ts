/** A file of HAProxy's to sections of directives, each with its line. */
import type { Report } from '../report.ts';
import { Conditions } from './conditions.ts';
import { splitWords } from './words.ts';

/** `proxy`: listen, frontend, backend, and defaults for them. */
export const SECTION_WORDS = {
  global: 'global',
  defaults: 'proxy',
  listen: 'proxy',
  frontend: 'proxy',
  backend: 'proxy',
  peers: 'other',
  resolvers: 'other',
  mailers: 'other',
  userlist: 'other',
  program: 'other',
  'http-errors': 'other',
  cache: 'other',
  ring: 'other',
  'fcgi-app': 'other',
  'log-forward': 'other',
  'log-profile': 'other',
  'crt-store': 'other',
  traces: 'other',
  acme: 'other',
  ruleset: 'other',
} as const;

export type SectionWord = keyof typeof SECTION_WORDS;

export interface Directive {
  readonly line: number;
  readonly words: readonly string[];
}

export interface Section {
  readonly word: SectionWord;
  readonly name: string;
  readonly line: number;
  /** What stands behind the name, such as the address of old files. */
  readonly rest: readonly string[];
  /** `from NAME`: the defaults that it builds on. */
  readonly from: string | null;
  readonly directives: Directive[];
}

/** More than that is no file of people. */
const MOST_SECTIONS = 2000;

/** @param variables those of the environment; `setenv` and its kin add to them */
export function readSections(text: string, variables: Map<string, string>, report: Report): Section[] {
  const sections: Section[] = [];
  const conditions = new Conditions(variables, report);
  for (const [index, raw] of text.split('\n').entries()) {
    const line = index + 1;
    const { words, problem, unset } = splitWords(raw.replaceAll('\0', ' '), variables);
    const [word = ''] = words;
    if (word === '') continue;
    const section = sections.at(-1);
    const place = { line, section: section ? labelOf(section) : '', text: words.join(' ') };
    if (word.startsWith('.')) {
      conditions.read(words, place);
      continue;
    }
    if (!conditions.open) continue;
    if (problem !== '') report.add('remark', place, `${problem} HAProxy refuses this line.`);
    for (const name of unset) tellUnset(name, place, report);
    const known = sectionWord(word) ?? misspelt(raw, words, report);
    if (known) {
      if (known !== word)
        report.add('changed', place, `HAProxy knows no section \`${word}\`; taken as \`${known}\`.`);
      if (sections.length >= MOST_SECTIONS) {
        report.add('missing', place, `Only the first ${MOST_SECTIONS} sections of a file are read.`);
        return sections;
      }
      sections.push(newSection(known, words, line));
    } else if (!section) {
      report.add('missing', place, 'This stands before the first section, where HAProxy has no directives.');
    } else {
      if (section.word === 'global') setVariable(words, variables);
      section.directives.push({ line, words });
    }
  }
  conditions.end(text.split('\n').length);
  return sections;
}

function newSection(word: SectionWord, words: readonly string[], line: number): Section {
  const rest = words.slice(1);
  const at = rest.indexOf('from');
  const from = at >= 0 && SECTION_WORDS[word] === 'proxy' ? (rest[at + 1] ?? null) : null;
  if (from !== null) rest.splice(at, 2);
  const [name = '', ...more] = rest;
  return { word, name, line, rest: more, from, directives: [] };
}

export function labelOf({ word, name }: Pick<Section, 'word' | 'name'>): string {
  return name === '' ? word : `${word} ${name}`;
}

function sectionWord(word: string): SectionWord | null {
  return Object.hasOwn(SECTION_WORDS, word) ? (word as SectionWord) : null;
}

const PROXY_WORDS = ['global', 'defaults', 'listen', 'frontend', 'backend'];

/** Only where a line begins at the margin and has the shape of a heading; directives have words alike, such as `default`. */
function misspelt(raw: string, words: readonly string[], report: Report): SectionWord | null {
  if (/^\s/.test(raw) || words.length > 3) return null;
  const near = report.nearest(words[0] ?? '', PROXY_WORDS);
  return near !== null && Math.abs(near.length - (words[0] ?? '').length) <= 2 ? sectionWord(near) : null;
}

function setVariable([word, name, value]: readonly string[], variables: Map<string, string>): void {
  if (name === undefined) return;
  if (word === 'setenv' && value !== undefined) variables.set(name, value);
  if (word === 'presetenv' && value !== undefined && !variables.has(name)) variables.set(name, value);
  if (word === 'unsetenv') variables.delete(name);
}

export function tellUnset(
  name: string,
  place: { line: number; section: string; text: string },
  report: Report,
): void {
  report.add(
    'fill-in',
    place,
    `The variable \`${name}\` is not set here; HAProxy had it from its environment.`,
    {
      hint: `Run the import with it: \`${name}=… poolgate import haproxy FILE\`.`,
    },
  );
}
