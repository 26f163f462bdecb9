import type { Machine } from '../../bench/machine.ts';
import type { FuzzResult, LabResult, Result, SoakResult } from './result.ts';

/** docs/evidence.md from all results, oldest first. */
export function evidencePage(machine: Machine, results: readonly Result[]): string {
  const soaks = results.filter((result) => result.kind === 'soak');
  const scenarios = results.filter((result) => result.kind === 'lab');
  const fuzzers = results.filter((result) => result.kind === 'fuzz');
  return `# Evidence

<!-- Written by \`npm run evidence\`; do not edit. -->

What is run for longer than the tests run, by hand and on a quiet machine. The tests show the same in short.
The last of it on ${machine.cores} × ${machine.cpu}, ${machine.memoryGb} GB, ${machine.kernel}, ${machine.system}.
${soaks.length > 0 ? soakSection(soaks) : ''}${scenarios.length > 0 ? labSection(scenarios) : ''}${fuzzers.length > 0 ? fuzzSection(fuzzers) : ''}`;
}

function soakSection(soaks: readonly SoakResult[]): string {
  const sum = (value: (found: SoakResult['found']) => number): number =>
    soaks.reduce((total, { found }) => total + value(found), 0);
  const lost = sum((f) => f.flood.unexplained.length + f.crowd.unexplained.length);
  const rows: [string, string][] = [
    ['flood, half of the top rate', `${list(soaks, (f) => `${count(f.flood.perSecond)}/s`)}`],
    [
      'its connections',
      `${count(sum((f) => f.flood.good))} good, ${count(sum((f) => f.flood.errors['reset'] ?? 0))} reset, ${count(sum(otherErrors))} ended otherwise`,
    ],
    [
      'beside it, held and talking',
      `${count(sum((f) => f.crowd.connections))} connections, ${count(sum((f) => f.crowd.exchanges))} exchanges, ${count(sum((f) => f.crowd.lostOnFailedServers))} lost on the server that failed`,
    ],
    ['troubles', troubles(soaks)],
    [
      'resets at servers that had not failed, either direction',
      count(sum((f) => f.flood.resetsAtHealthyServers + f.crowd.resetsAtHealthyServers)),
    ],
    [
      'resets at clients while no server was in trouble',
      count(sum((f) => f.flood.resetsAtClientsWithoutTrouble)),
    ],
    ['lost connections that the failed server does not explain', count(lost)],
    [
      'afterwards: active counts, sockets at the servers',
      `${count(sum((f) => f.activeAfterwards))}, ${count(sum((f) => f.openAtServersAfterwards))}`,
    ],
    ['descriptors before and after', list(soaks, (f) => `${f.descriptorsBefore}, ${f.descriptorsAfter}`)],
    [
      'resident memory at start, at the top rate, at the end, MB',
      list(soaks, (f) =>
        [f.rssKbBefore, f.rssKbAtTop, f.rssKbAfter].map((kb) => Math.round(kb / 1024)).join(', '),
      ),
    ],
  ];
  return `
## Soaks: half of the top rate, servers failing and returning

${soaks.length} ${soaks.length === 1 ? 'run' : 'runs'}, ${count(sum((f) => f.minutes))} minutes in all; the last one ended ${soaks.at(-1)?.at.slice(0, 10)}. Client, balancer and three servers are network namespaces on
one machine. The judgement is made from packet counters and from what clients and servers saw, not from Poolgate's own figures.

| | |
|---|---|
${rows.map(([what, value]) => `| ${what} | ${value} |`).join('\n')}
`;
}

function otherErrors({ flood }: SoakResult['found']): number {
  return Object.entries(flood.errors).reduce((sum, [kind, n]) => sum + (kind === 'reset' ? 0 : n), 0);
}

function troubles(soaks: readonly SoakResult[]): string {
  const kinds = new Map<string, number>();
  for (const { found } of soaks) {
    for (const [kind, n] of Object.entries(found.troubles)) kinds.set(kind, (kinds.get(kind) ?? 0) + n);
  }
  return [...kinds].map(([kind, n]) => `${n} × ${kind}`).join(', ');
}

function labSection(scenarios: readonly LabResult[]): string {
  const rows = scenarios.map(
    ({ at, scenario, minutes, said, failures }) =>
      `| \`${scenario}\` | ${at.slice(0, 10)} | ${minutes} | ${said.join('<br>')} | ${failures.length} |`,
  );
  return `
## Scenarios of the lab in their long form

lab/README.md says what each shows.

| scenario | date | minutes | what it measured | failed |
|---|---|--:|---|--:|
${rows.join('\n')}
`;
}

function fuzzSection(fuzzers: readonly FuzzResult[]): string {
  const rows = fuzzers.map(
    ({ at, file, minutes, rounds, failures }) =>
      `| \`${file}\` | ${at.slice(0, 10)} | ${minutes} | ${count(rounds)} | ${failures.length} |`,
  );
  return `
## Fuzzers

Each file runs over and over for so many minutes, every round with new seeds.

| file | date | minutes | rounds | rounds that failed |
|---|---|--:|--:|--:|
${rows.join('\n')}
`;
}

function list(soaks: readonly SoakResult[], value: (found: SoakResult['found']) => string): string {
  return soaks.map(({ found }) => value(found)).join('; ');
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en');
}
