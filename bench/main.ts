import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compare } from './compare.ts';
import type { Group } from './groups/group.ts';
import { GROUPS } from './groups/index.ts';
import { buildTools } from './load.ts';
import { describeMachine } from './machine.ts';
import { markdownReport } from './markdown.ts';
import { HELP, type Options, parseOptions, UsageError } from './options.ts';
import { type PeerName, PEERS } from './peers/index.ts';
import { firstLine, run } from './processes.ts';
import { profile } from './profile.ts';
import { type GroupReport, type Report, rowsOf } from './report.ts';
import { textReport } from './table.ts';

const DOCS = fileURLToPath(new URL('../docs/benchmarks.md', import.meta.url));
const INSTALL = fileURLToPath(new URL('../scripts/install-bench.sh', import.meta.url));

function progress(line: string): void {
  process.stderr.write(`bench: ${line}\n`);
}

async function main(options: Options): Promise<number> {
  progress((await run('sh', [INSTALL])).trim() || 'programs to compare with: present');
  await buildTools();
  const folder = mkdtempSync(join(tmpdir(), 'poolgate-bench-'));
  const wanted = options.groups.map((name): Group => GROUPS[name]);
  const leftOut = wanted
    .map((group) => ({ group: group.name, reason: group.reasonNotToRun() }))
    .filter(({ reason }) => reason !== '');
  for (const { group, reason } of leftOut) progress(`LEFT OUT ${GROUPS[group].title}: ${reason}`);
  const groups = wanted.filter(({ name }) => !leftOut.some(({ group }) => group === name));
  try {
    const machine = await describeMachine();
    const reports: GroupReport[] = [];
    for (const group of groups) {
      const report = await measureGroup(group, folder, options);
      if (report) reports.push(report);
    }
    if (options.profile) return 0;
    const date = new Date().toISOString().slice(0, 10);
    return print({ date, machine, options, leftOut, groups: reports });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What came out; undefined where only a profile was wanted, which is printed. */
async function measureGroup(
  group: Group,
  folder: string,
  options: Options,
): Promise<GroupReport | undefined> {
  const peers = group.peers.filter((p) => options.only.includes(p));
  const versions: { [P in PeerName]?: string } = {};
  for (const peer of peers) {
    const version = await PEERS[peer].version();
    if (version !== undefined) versions[peer] = version;
  }
  const present = peers.filter((p) => versions[p] !== undefined);
  const skipped = peers
    .filter((p) => versions[p] === undefined)
    .map((peer) => ({ peer, reason: `not on this machine; it needs ${PEERS[peer].wants}` }));
  for (const s of skipped) progress(`SKIPPED ${PEERS[s.peer].title}: ${s.reason}`);
  if (options.profile) {
    process.stdout.write(await profile(group, present, folder, options, progress));
    return undefined;
  }
  progress(`${group.title}: ${present.map((p) => PEERS[p].title).join(', ')}`);
  const comparison = await compare(group, present, folder, options, progress);
  const { failures, generatorBusy, idle } = comparison;
  const rows = rowsOf(group, comparison);
  return { name: group.name, versions, skipped, failures, generatorBusy, idle, rows };
}

/** Prints the report, writes the page if asked for; 1 when something failed. */
async function print(report: Report): Promise<number> {
  process.stdout.write(
    report.options.format === 'json' ? `${JSON.stringify(report, null, 2)}\n` : textReport(report),
  );
  if (report.options.write) {
    const here = fileURLToPath(new URL('..', import.meta.url));
    const commit = await firstLine('git', ['-C', here, 'rev-parse', '--short', 'HEAD']);
    const before = existsSync(DOCS) ? readFileSync(DOCS, 'utf8') : '';
    writeFileSync(DOCS, markdownReport(report, commit, before));
    progress('wrote docs/benchmarks.md');
  }
  return report.groups.some(({ failures }) => failures.length > 0) ? 1 : 0;
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options) process.exitCode = await main(options);
  else process.stdout.write(HELP);
} catch (error) {
  process.stderr.write(`bench: ${(error as Error).message}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
