/** A file of HAProxy's to sections in our terms. */
import type { DraftSection } from '../draft.ts';
import type { Importer, ImportOptions } from '../importer.ts';
import { linesLeftOut, type Place, type Report } from '../report.ts';
import { addAddresses } from './bind.ts';
import { readDirective } from './directives.ts';
import { readGlobal, readOther } from './other.ts';
import { tellOtherBackends } from './rules.ts';
import { newProxy, type Proxy } from './proxy.ts';
import { labelOf, readSections, type Section, SECTION_WORDS } from './sections.ts';
import { toSection } from './translate.ts';
import type { Variables } from './words.ts';

interface Reading {
  readonly options: ImportOptions;
  readonly variables: Variables;
  readonly report: Report;
}

export const importHaproxy: Importer = (text, options, report) => {
  const variables = new Map(
    Object.entries(options.env).filter((e): e is [string, string] => e[1] !== undefined),
  );
  const sections = readSections(text, variables, report);
  const proxies = readProxies(sections, { options, variables, report });
  const drafts = [...proxies.values()].flatMap((proxy) => draftsOf(proxy, proxies, options, report));
  tellUnreached(proxies, drafts, report);
  if (sections.length === 0)
    report.add('missing', { line: 0, section: '', text: '' }, 'There is no section of HAProxy in this file.');
  return { sections: drafts, redispatch: redispatchOf(proxies, report), interface: null };
};

function readProxies(sections: readonly Section[], reading: Reading): Map<string, Proxy> {
  const { report } = reading;
  const proxies = new Map<string, Proxy>();
  const named = new Map<string, Section>();
  const used = new Set<Section>();
  let latest: Section | null = null;
  for (const section of sections) {
    if (section.word === 'global') readGlobal(section, report);
    else if (section.word === 'defaults') {
      latest = section;
      if (section.name !== '') named.set(section.name, section);
    } else if (SECTION_WORDS[section.word] === 'other') readOther(section, report);
    else {
      const chain = defaultsOf(section, latest, named, report);
      const proxy = readProxy(section, chain, reading);
      for (const defaults of proxy ? chain : []) used.add(defaults);
      // A frontend and a backend may have one name.
      if (proxy)
        proxies.set(
          proxies.has(proxy.name) ? `${proxy.name} ${proxy.word} ${proxy.line}` : proxy.name,
          proxy,
        );
    }
  }
  for (const section of sections.filter((s) => s.word === 'defaults' && !used.has(s)))
    report.add(
      'remark',
      placeOf(section),
      `No section that is translated uses these defaults. ${linesLeftOut(section.line, lastLineOf(section))}`,
    );
  return proxies;
}

/** Defaults may build on others; HAProxy refuses a circle. */
const MOST_DEFAULTS = 16;

/** From the most general to the nearest. */
function defaultsOf(
  section: Section,
  latest: Section | null,
  named: ReadonlyMap<string, Section>,
  report: Report,
): Section[] {
  const chain: Section[] = [];
  let next: Section | null = section;
  for (let depth = 0; next && depth < MOST_DEFAULTS; depth++) {
    const from: string | null = next.from;
    const found: Section | null = from === null ? (depth === 0 ? latest : null) : (named.get(from) ?? null);
    if (from !== null && !found) {
      report.add('missing', placeOf(next), `There are no defaults \`${from.slice(0, 40)}\`.`, {
        hint: report.meant(from, [...named.keys()]),
      });
    }
    if (!found || chain.includes(found)) break;
    chain.unshift(found);
    next = found;
  }
  return chain;
}

/** Null when it is not of TCP, or not in use. */
function readProxy(section: Section, chain: readonly Section[], reading: Reading): Proxy | null {
  const label = labelOf(section);
  const proxy = newProxy({
    word: section.word as Proxy['word'],
    name: section.name || `${section.word}-${section.line}`,
    label,
    line: section.line,
    lastLine: lastLineOf(section),
  });
  const mode = modeOf([...chain, section]);
  if (mode.word !== 'tcp') {
    tellMode(section, mode, reading.report);
    return null;
  }
  const context = (line: number, words: readonly string[], of: string) => ({
    place: { line, section: of, text: words.join(' ') },
    report: reading.report,
    variables: reading.variables,
    vip: reading.options.vip,
  });
  for (const from of chain)
    for (const directive of from.directives)
      readDirective(proxy, directive, context(directive.line, directive.words, labelOf(from)));
  if (section.rest.length > 0)
    readOldAddress(proxy, section, {
      ...context(section.line, [label, ...section.rest], label),
      negated: false,
    });
  for (const directive of section.directives)
    readDirective(proxy, directive, context(directive.line, directive.words, label));
  if (!proxy.off) return proxy;
  reading.report.add(
    'remark',
    placeOf(section),
    `The section is disabled there. ${linesLeftOut(section.line, lastLineOf(section))}`,
  );
  return null;
}

function readOldAddress(proxy: Proxy, section: Section, context: Parameters<typeof addAddresses>[2]): void {
  if (section.word === 'backend') {
    context.report.add('remark', context.place, 'A backend has no address; these words are left out.');
    return;
  }
  const message = `An address behind \`${section.word} ${section.name}\` is refused by HAProxy today (by 2.6, for one); it is written as \`bind\`. Taken as that.`;
  context.report.add('changed', context.place, message);
  addAddresses(proxy, section.rest[0] ?? '', context);
}

interface Mode {
  readonly word: string;
  readonly line: number;
}

/** The last word on it; TCP when nobody says. */
function modeOf(sections: readonly Section[]): Mode {
  const said = sections.flatMap((s) => s.directives.filter((d) => d.words[0] === 'mode')).at(-1);
  return { word: said?.words[1] ?? 'tcp', line: said?.line ?? 0 };
}

function tellMode(section: Section, mode: Mode, report: Report): void {
  const words = new Set(section.directives.map((d) => d.words[0]));
  const last = lastLineOf(section);
  const where = mode.line >= section.line ? '' : ` (by line ${mode.line})`;
  const lines = last > section.line ? `Lines ${section.line}-${last} are` : 'It is';
  if (words.has('stats') && !words.has('server') && !words.has('default_backend')) {
    const message = `HAProxy's own page. ${lines} not translated: see \`poolgate status\`, \`top\` and the admin API.`;
    report.add('unneeded', placeOf(section), message);
    return;
  }
  const kind = mode.word === 'health' || mode.word === 'log' ? 'unneeded' : 'missing';
  const message = `It is of \`mode ${mode.word.slice(0, 20)}\`${where}. ${lines} not translated: Poolgate balances connections, not requests.`;
  report.add(kind, placeOf(section), message, {
    hint: 'Where no rule looks at requests, write `mode tcp` and import again; TLS and HTTP then pass through to the servers.',
  });
}

function draftsOf(
  proxy: Proxy,
  proxies: ReadonlyMap<string, Proxy>,
  options: ImportOptions,
  report: Report,
): DraftSection[] {
  const lookup = { addresses: options.addresses, proxies };
  if (proxy.word === 'backend') return [];
  tellOtherBackends(proxy, report);
  if (proxy.word === 'listen' && proxy.servers.length > 0) return [toSection(proxy, proxy, lookup, report)];
  const { defaultBackend } = proxy;
  const place: Place = { line: proxy.line, section: proxy.label, text: proxy.label };
  if (!defaultBackend) {
    if (proxy.stats && proxy.servers.length === 0) return [];
    report.add(
      'missing',
      place,
      'Nothing says which servers it leads to (no server, no `default_backend`). ',
    );
    return [];
  }
  const back = backendNamed(defaultBackend.value, proxies);
  const at = { ...place, line: defaultBackend.line, text: `default_backend ${defaultBackend.value}` };
  if (back) {
    report.add('translated', at, `Pool \`${back.name}\`.`);
    return [toSection(proxy, back, lookup, report)];
  }
  report.add(
    'missing',
    at,
    `There is no backend \`${defaultBackend.value.slice(0, 60)}\` of mode tcp. \`${proxy.label}\` is left out.`,
    {
      hint: report.meant(defaultBackend.value, [...proxies.keys()]),
    },
  );
  return [];
}

function backendNamed(name: string, proxies: ReadonlyMap<string, Proxy>): Proxy | null {
  const found = proxies.get(name);
  if (found && found.word !== 'frontend') return found;
  return [...proxies.values()].find((p) => p.name === name && p.word !== 'frontend') ?? null;
}

function tellUnreached(
  proxies: ReadonlyMap<string, Proxy>,
  drafts: readonly DraftSection[],
  report: Report,
): void {
  const reached = new Set(drafts.map((draft) => draft.poolName));
  const byRule = new Set([...proxies.values()].flatMap((p) => p.otherBackends.map(({ name }) => name)));
  for (const proxy of proxies.values()) {
    if (proxy.word !== 'backend' || reached.has(proxy.name)) continue;
    const place = { line: proxy.line, section: proxy.label, text: proxy.label };
    const lines = linesLeftOut(proxy.line, proxy.lastLine);
    if (proxy.table && proxy.servers.length === 0)
      report.add('unneeded', place, `It only has a table that others count in. ${lines}`);
    else if (byRule.has(proxy.name)) report.add('missing', place, `Only conditions lead to it. ${lines}`);
    else report.add('remark', place, `No frontend that is translated leads to it. ${lines}`);
  }
}

/** One value holds for all; off only where it is switched off and nowhere on. */
function redispatchOf(proxies: ReadonlyMap<string, Proxy>, report: Report) {
  const said = [...proxies.values()].flatMap((proxy) => proxy.redispatch ?? []);
  const off = said.find((at) => !at.value);
  if (off && said.every((at) => !at.value)) return off;
  if (said.length === 0 && proxies.size > 0) {
    const message =
      'No `option redispatch`: HAProxy tries the same server again. Here a connect that fails is tried once on another.';
    report.add('changed', { line: 0, section: '', text: 'option redispatch' }, message, {
      hint: 'Write `defaults: { redispatch: false }` for the old way.',
    });
  }
  return null;
}

function lastLineOf(section: Section): number {
  return section.directives.at(-1)?.line ?? section.line;
}

function placeOf(section: Section): Place {
  const label = labelOf(section);
  return { line: section.line, section: label, text: label };
}
