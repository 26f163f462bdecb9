import { GROUPS } from './groups/index.ts';
import { MEASURES } from './measures/index.ts';
import { PEERS } from './peers/index.ts';
import type { GroupReport, Report, Row } from './report.ts';
import {
  cellTexts,
  generatorLine,
  headerOf,
  judgementLines,
  machineLine,
  titleOf,
  troubles,
} from './table.ts';

const BEGIN = (name: string) => `<!-- begin ${name} -->`;
const END = (name: string) => `<!-- end ${name} -->`;

/**
 * docs/benchmarks.md, with the sections of the groups that were measured in place of what stood there before.
 * @param before what the page says now; empty: there is none
 * @param commit names the source that was measured
 */
export function markdownReport(report: Report, commit: string | undefined, before: string): string {
  const sections = Object.values(GROUPS).flatMap(({ name }) => {
    const measured = report.groups.find((g) => g.name === name);
    const text = measured ? section(report, measured, commit) : standing(name, before);
    return text === undefined ? [] : ['', BEGIN(name), text, END(name)];
  });
  return [...HEAD, ...sections, ''].join('\n');
}

const HEAD = [
  '# Benchmarks',
  '',
  '<!-- Written by `npm run bench -- --write`; do not edit. -->',
  '',
  'Poolgate beside other balancers and beside none, in interleaved runs on one machine. Each group of peers was measured',
  'in one run; figures of different groups are not to be compared.',
  '',
  ...Object.values(GROUPS).map(({ title, setting }) => `- **${title}**: ${setting}`),
  '',
  '## Method',
  '',
  '- **Interleaving**: in each repetition every peer runs in turn, and another one first each time. One unrecorded round comes before.',
  '  Tables show medians over the repetitions. "×" is the median of the ratios taken within each repetition, with the least and the',
  '  greatest; those runs are seconds apart, so it says more than the two medians do.',
  '- **Load**: a client and two stand-in servers in C (`bench/load/`), one epoll loop per thread, compiled with -O2. They share the machine',
  '  with the balancer. A run in which one connection failed, or in which nothing was done, is thrown away and reported.',
  '- **Endings**: the client closes first, by FIN; nothing sets SO_LINGER.',
  ...Object.entries(MEASURES).map(([name, { method }]) => `- **${name}**: ${method}`),
  '',
  '## How to read it',
  '',
  '- Client, balancer and servers share the cores, so no rate here is what a machine of its own would reach: the client and the',
  '  servers take a good part of every second, which pulls all ratios of rates towards 1.',
  '- A shared or virtual machine has slow spells. Where the range of a ratio spans 1, the two are not told apart.',
  '- Not measured: many cores, real networks, IPv6, uploads, connections in the 100,000s, TLS (it passes through as bytes), slow',
  '  clients, behaviour while servers fail, and HAProxy and nginx tuned beyond what is said below (splicing, for one, is off in both).',
  '- nginx stream has no active checks in its free version and ends both directions when the client has ended one; it does less.',
  "- Poolgate's resident memory with no connection includes the JavaScript engine, the admin API and the metrics.",
];

function standing(name: string, before: string): string | undefined {
  const begin = before.indexOf(BEGIN(name));
  const end = before.indexOf(END(name));
  return begin < 0 || end < begin ? undefined : before.slice(begin + BEGIN(name).length + 1, end - 1);
}

function section(report: Report, group: GroupReport, commit: string | undefined): string {
  const { options } = report;
  const { title, reading } = GROUPS[group.name];
  return [
    `## ${title}`,
    '',
    `Taken on ${report.date}${commit ? ` from commit ${commit}` : ''} on ${machineLine(report)}.`,
    `Repetitions: ${options.repeat} of ${options.seconds} s each (memory: at most 3), interleaved; ${options.connections} connections at a time, ${options.held} held.`,
    '',
    ...table(['', 'version', 'set to'], peerRows(group)),
    ...group.rows.flatMap((row) => [
      '',
      `### ${title}: ${titleOf(row)}`,
      '',
      ...judgementLines(row).map((line) => `- ${line}`),
      ...(row.judgements.length > 0 ? [''] : []),
      ...resultTable(group, row),
    ]),
    '',
    ...[generatorLine(group), ...troubles(group)].filter(Boolean).map((line) => `- ${line}`),
    ...[verdict(group), ...reading].map((line) => `- ${line}`),
  ].join('\n');
}

function peerRows({ name, versions }: GroupReport): string[][] {
  return GROUPS[name].peers.flatMap((p) => {
    const version = versions[p];
    return version === undefined ? [] : [[PEERS[p].title, version, PEERS[p].setting]];
  });
}

function resultTable(group: GroupReport, row: Row): string[] {
  const body = row.cells.map((cell) => [PEERS[cell.peer].title, ...cellTexts(group, row, cell)]);
  return table(headerOf(group, row), body, true);
}

function table(head: string[], body: string[][], numbers = false): string[] {
  const rule = head.map((_, i) => (numbers && i > 0 ? '--:' : '---'));
  return [head, rule, ...body].map((cells) => `| ${cells.join(' | ')} |`);
}

function verdict({ name, rows }: GroupReport): string {
  const { title } = PEERS[GROUPS[name].judged];
  const floors = rows.flatMap((row) => row.judgements.map((j) => ({ ...j, of: row.metric.title })));
  const missed = floors.filter((f) => !f.kept).map((f) => f.of);
  if (floors.length === 0) return 'Nothing was measured that a floor says something about.';
  if (missed.length === 0) return `${title} keeps all ${floors.length} floors that were measured.`;
  return `${title} keeps ${floors.length - missed.length} of ${floors.length} floors; it misses: ${missed.join(', ')}.`;
}
