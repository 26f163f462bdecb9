/** The reference page of exports: what each key of the config becomes in the files of other programs. */
import { ALWAYS, type Cell, CHAPTERS } from '../../src/convert/export/coverage.ts';
import { FORMATS, type Format } from '../../src/convert/export/remark.ts';
import { generatedFrom, table } from './markdown.ts';

const TITLES: Readonly<Record<Format, string>> = {
  haproxy: 'HAProxy',
  keepalived: 'keepalived (IPVS)',
  nftables: 'nftables',
};

const INTRO = `# Exports

What \`poolgate export haproxy|keepalived|nftables CONFIG\` writes for each key of the [config](config.md). **Lost** is not expressed, **changed**
is expressed and works differently; both stand as comments in the file, at their place, and as lines on stderr. Everything else is the same.
How to use the files: [operate/leaving.md](../operate/leaving.md).`;

export function renderExportPage(): string {
  const chapters = CHAPTERS.flatMap(({ title, rows }) => {
    const cells = Object.values(rows).map((row) => [row.key, ...FORMATS.map((format) => words(row[format]))]);
    return [`## ${title}`, table(['Key', ...FORMATS.map((format) => TITLES[format])], cells)];
  });
  const always = FORMATS.flatMap((format) => [
    `### ${TITLES[format]}`,
    ALWAYS[format].map((sentence) => `- ${sentence}`).join('\n'),
  ]);
  const parts = [
    generatedFrom('src/convert/export/coverage.ts'),
    INTRO,
    ...chapters,
    '## What differs always',
    ...always,
  ];
  return `${parts.join('\n\n')}\n`;
}

function words({ how, text }: Cell): string {
  return how === 'same' ? text : `**${how}**: ${text}`;
}
