/**
 * Writes the pages that are made from the sources. `--check` writes nothing and fails when one of them is stale.
 * A new page is a renderer in a file of its own, and a row here.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openApi } from '../src/api/openapi.ts';
import { renderApiReference } from '../src/api/reference.ts';
import { renderCliReference } from '../src/cli/reference.ts';
import { VERSION } from '../src/lib/version.ts';
import { renderMetricsPage } from '../src/observe/metrics-page.ts';
import { PROFILES } from '../src/profiles/profiles.ts';
import { renderConfigPage } from './generate/config-page.ts';
import { renderConfigSchema } from './generate/config-schema.ts';
import { renderErrorsPage } from './generate/errors-page.ts';
import { renderPortsPage } from './generate/ports-page.ts';
import { renderExportPage } from './generate/export-page.ts';
import { renderImportPage } from './generate/import-page.ts';
import { renderRulesPage } from './generate/rules-page.ts';
import { renderExample, renderProfilePage } from './generate/profile-page.ts';
import { renderExamplesPage, renderProfilesPage } from './generate/profiles-page.ts';

export interface Generator {
  /** From the root of the repository. */
  readonly path: string;
  readonly render: () => string | Promise<string>;
}

export const GENERATORS: readonly Generator[] = [
  { path: 'docs/reference/config.schema.json', render: renderConfigSchema },
  { path: 'docs/reference/config.md', render: renderConfigPage },
  { path: 'docs/reference/errors.md', render: renderErrorsPage },
  { path: 'docs/reference/ports.md', render: renderPortsPage },
  { path: 'docs/reference/profiles.md', render: renderProfilesPage },
  { path: 'docs/reference/rules.md', render: renderRulesPage },
  { path: 'docs/reference/export.md', render: renderExportPage },
  { path: 'docs/reference/import.md', render: renderImportPage },
  ...PROFILES.flatMap((profile): Generator[] => [
    { path: `docs/reference/profiles/${profile.name}.md`, render: () => renderProfilePage(profile) },
    { path: `examples/profiles/${profile.name}.yaml`, render: () => renderExample(profile) },
  ]),
  { path: 'examples/profiles/README.md', render: renderExamplesPage },
  { path: 'docs/reference/cli.md', render: renderCliReference },
  { path: 'docs/reference/api.md', render: renderApiReference },
  { path: 'docs/reference/openapi.json', render: () => `${JSON.stringify(openApi(VERSION), null, 2)}\n` },
  { path: 'docs/reference/metrics.md', render: renderMetricsPage },
];

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The paths of the pages that are not as their renderer makes them. */
export async function staleFiles(
  generators: readonly Generator[] = GENERATORS,
  root = ROOT,
): Promise<string[]> {
  const stale: string[] = [];
  for (const { path, render } of generators) {
    if (readOrEmpty(`${root}/${path}`) !== (await render())) stale.push(path);
  }
  return stale;
}

/** Writes what is stale; resolves to the paths written. */
export async function generateFiles(
  generators: readonly Generator[] = GENERATORS,
  root = ROOT,
): Promise<string[]> {
  const stale = await staleFiles(generators, root);
  for (const { path, render } of generators.filter((g) => stale.includes(g.path))) {
    mkdirSync(dirname(`${root}/${path}`), { recursive: true });
    writeFileSync(`${root}/${path}`, await render());
  }
  return stale;
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

async function main(args: readonly string[]): Promise<number> {
  if (args.some((a) => a !== '--check')) {
    process.stderr.write('usage: node scripts/generate.ts [--check]\n');
    return 2;
  }
  if (!args.includes('--check')) {
    for (const path of await generateFiles()) process.stdout.write(`wrote ${path}\n`);
    return 0;
  }
  const stale = await staleFiles();
  for (const path of stale) process.stderr.write(`stale: ${path}\n`);
  if (stale.length > 0) process.stderr.write('  hint: npm run generate\n');
  return stale.length > 0 ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main(process.argv.slice(2));
