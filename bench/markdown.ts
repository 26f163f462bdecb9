import { MEASURES } from './measures/index.ts';
import { PEERS } from './peers/index.ts';
import type { Report, Row } from './report.ts';
import { cellTexts, generatorLine, machineLine, titleOf, troubles } from './table.ts';

/** The report as docs/benchmarks.md; `commit` names the source that was measured. */
export function markdownReport(report: Report, commit: string | undefined): string {
  const { options } = report;
  return [
    '# Benchmarks',
    '',
    '<!-- Written by `npm run bench -- --write`; do not edit. -->',
    '',
    `Taken on ${report.date}${commit ? ` from commit ${commit}` : ''} on ${machineLine(report)}.`,
    `Repetitions: ${options.repeat} of ${options.seconds} s each (memory: at most 3), interleaved; ${options.connections} connections at a time.`,
    '',
    ...table(['', 'version', 'set to'], peerRows(report)),
    '',
    '## Results',
    '',
    'Median over the repetitions. "×HAProxy" is the median of the ratios taken within each repetition, with the least and the greatest;',
    'those runs are seconds apart, so it says more than the two medians do.',
    ...report.rows.flatMap((row) => ['', `### ${titleOf(row)}`, '', ...resultTable(row)]),
    ...(generatorLine(report) ? ['', generatorLine(report)] : []),
    ...section(
      '## Left out and failed',
      troubles(report).map((t) => `- ${t}`),
    ),
    '',
    '## Method',
    '',
    ...options.measures.map((m) => `- **${m}**: ${MEASURES[m].method}`),
    '- **Interleaving**: in each repetition every peer runs in turn, and another one first each time. One unrecorded round comes before.',
    '- **Load**: a client and two stand-in servers in C (`bench/load/`), one epoll loop per thread, compiled with -O2. They share the machine',
    '  with the balancer. A run in which one connection failed is thrown away and reported.',
    '- **CPU**: what the scheduler booked for all threads of the balancer, system calls and the loopback work done in them included, per unit',
    '  of work. On a machine that client, balancer and servers share, it says more about the balancer than the rate does.',
    '- **Endings**: the client closes first, by FIN; nothing sets SO_LINGER. Its connections come from 16 source addresses.',
    '',
    '## How to read it',
    '',
    ...reading(report),
    '',
  ].join('\n');
}

function peerRows({ options, versions }: Report): string[][] {
  return options.only.flatMap((p) => (versions[p] ? [[PEERS[p].title, versions[p], PEERS[p].setting]] : []));
}

function resultTable(row: Row): string[] {
  const body = row.cells.map((cell) => [PEERS[cell.peer].title, ...cellTexts(row, cell)]);
  return table(['', 'median', 'min–max', '×HAProxy', 'min–max'], body, true);
}

function table(head: string[], body: string[][], numbers = false): string[] {
  const rule = head.map((_, i) => (numbers && i > 0 ? '--:' : '---'));
  return [head, rule, ...body].map((cells) => `| ${cells.join(' | ')} |`);
}

function section(title: string, lines: string[]): string[] {
  return lines.length > 0 ? ['', title, '', ...lines] : [];
}

function reading({ machine, rows }: Report): string[] {
  const floors = rows.filter((r) => r.kept !== undefined);
  const missed = floors.filter((r) => r.kept === false).map((r) => r.metric.title);
  const verdict =
    floors.length === 0
      ? 'Poolgate and HAProxy were not both measured, so nothing is said about the floors.'
      : missed.length === 0
        ? `Poolgate keeps all ${floors.length} floors that were measured.`
        : `Poolgate keeps ${floors.length - missed.length} of ${floors.length} floors; it misses: ${missed.join(', ')}.`;
  return [
    `- ${verdict}`,
    `- Client, balancer and servers share ${machine.cores} cores, so no rate here is what a machine of its own would reach: the client and the`,
    '  servers take a good part of every second, which pulls all ratios of rates towards 1. The CPU figures do not have that fault.',
    '- Loopback has no network card, no interrupts and no loss. The p99 is that of a saturated machine, mostly time spent waiting for a core.',
    '- A shared or virtual machine has slow spells. Where the range of a ratio spans 1, the two are not told apart.',
    '- Not measured: many cores, real networks, IPv6, uploads, connections in the 100,000s, TLS (it passes through as bytes), slow',
    '  clients, behaviour while servers fail, and HAProxy and nginx tuned beyond what is said above (splicing, for one, is off in both).',
    '- nginx stream has no active checks in its free version and ends both directions when the client has ended one; it does less.',
    "- Poolgate's resident memory with no connection includes the JavaScript engine, the admin API and the metrics.",
  ];
}
