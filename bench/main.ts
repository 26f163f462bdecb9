import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { requireUnused } from './addresses.ts';
import { compare } from './compare.ts';
import { buildTools, startServers } from './load.ts';
import { describeMachine } from './machine.ts';
import { markdownReport } from './markdown.ts';
import { HELP, type Options, parseOptions, UsageError } from './options.ts';
import { type PeerName, PEERS } from './peers/index.ts';
import { firstLine, run } from './processes.ts';
import { profile } from './profile.ts';
import { type Report, rowsOf } from './report.ts';
import { textReport } from './table.ts';

const DOCS = fileURLToPath(new URL('../docs/benchmarks.md', import.meta.url));
const INSTALL = fileURLToPath(new URL('../scripts/install-bench.sh', import.meta.url));

function progress(line: string): void {
  process.stderr.write(`bench: ${line}\n`);
}

async function main(options: Options): Promise<number> {
  progress((await run('sh', [INSTALL])).trim() || 'programs to compare with: present');
  await buildTools();
  const versions: Partial<Record<PeerName, string>> = {};
  for (const peer of options.only) {
    const version = await PEERS[peer].version();
    if (version !== undefined) versions[peer] = version;
  }
  const present = options.only.filter((p) => versions[p] !== undefined);
  const skipped = options.only
    .filter((p) => versions[p] === undefined)
    .map((peer) => ({ peer, reason: `not on this machine; it needs ${PEERS[peer].wants}` }));
  for (const s of skipped) progress(`SKIPPED ${PEERS[s.peer].title}: ${s.reason}`);
  const folder = mkdtempSync(join(tmpdir(), 'poolgate-bench-'));
  await requireUnused();
  const stopServers = await startServers();
  try {
    if (options.profile) {
      process.stdout.write(await profile(present, folder, options, progress));
      return 0;
    }
    const machine = await describeMachine();
    const comparison = await compare(present, folder, options, progress);
    const date = new Date().toISOString().slice(0, 10);
    const { failures, generatorBusy } = comparison;
    return print({
      date,
      machine,
      options,
      versions,
      skipped,
      failures,
      generatorBusy,
      rows: rowsOf(comparison),
    });
  } finally {
    await stopServers();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Prints the report, writes the page if asked for; 1 when something failed. */
async function print(report: Report): Promise<number> {
  process.stdout.write(
    report.options.format === 'json' ? `${JSON.stringify(report, null, 2)}\n` : textReport(report),
  );
  if (report.options.write) {
    const commit = await firstLine('git', [
      '-C',
      fileURLToPath(new URL('..', import.meta.url)),
      'rev-parse',
      '--short',
      'HEAD',
    ]);
    writeFileSync(DOCS, markdownReport(report, commit));
    progress('wrote docs/benchmarks.md');
  }
  return report.failures.length > 0 ? 1 : 0;
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options) process.exitCode = await main(options);
  else process.stdout.write(HELP);
} catch (error) {
  process.stderr.write(`bench: ${(error as Error).message}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
