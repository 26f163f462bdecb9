/** The report of an import as text for people. */
import type { Imported } from './import.ts';
import type { Entry, Kind } from './report.ts';

const HEADINGS: Readonly<Record<Kind, string>> = {
  'fill-in': 'To fill in: the config is refused until these values are there',
  missing: 'No equivalent: lost in the translation',
  changed: 'Changed: works otherwise than it did',
  remark: 'Worth a look',
  translated: 'Translated',
  unneeded: 'Not needed here',
};

/** `FILE:LINE: kind: text: message`, grouped by kind, what needs the administrator first. */
export function reportText(file: string, imported: Imported): string {
  const groups = Map.groupBy(imported.entries, (entry) => entry.kind);
  const parts = [...groups].map(
    ([kind, entries]) => `${HEADINGS[kind]}:\n${entries.map((e) => lineOf(file, e)).join('')}\n`,
  );
  const left = imported.left > 0 ? `And ${imported.left} more that are not shown.\n\n` : '';
  return `${parts.join('')}${left}${file}: ${summary(imported)}\n`;
}

function lineOf(file: string, { line, text, rule, message, hint }: Entry): string {
  const place = line > 0 ? `${file}:${line}:` : `${file}:`;
  const shown = [place, text === '' ? '' : `\`${text}\`:`, rule, message]
    .filter((part) => part !== '')
    .join(' ');
  return `  ${shown}\n${hint === '' ? '' : `    hint: ${hint}\n`}`;
}

function summary({ counts, entries, findings, result }: Imported): string {
  const { virtualServices, pools, realServers } = counts;
  const made = [
    count(virtualServices, 'virtual service'),
    count(pools, 'pool'),
    count(realServers, 'real server'),
  ].join(', ');
  const of = (kind: Kind): number => entries.filter((entry) => entry.kind === kind).length;
  const told = `${of('fill-in')} to fill in, ${of('missing')} without equivalent, ${of('changed')} changed`;
  const errors = findings.filter((finding) => finding.severity === 'error').length;
  const check =
    errors === 0
      ? '`poolgate check` accepts it'
      : `\`poolgate check\` refuses it with ${count(errors, 'error')}`;
  return `${result}: ${made}; ${told}; ${check}`;
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}
