/** From a file of another balancer to a config, and what there is to tell about it. */
import type { Finding } from '../../config/findings.ts';
import { parseConfig } from '../../config/load.ts';
import { agree } from './agree.ts';
import type { DraftSection } from './draft.ts';
import { importHaproxy } from './haproxy/haproxy.ts';
import type { Importer, ImportOptions } from './importer.ts';
import { importKeepalived } from './keepalived/keepalived.ts';
import type { Plan } from './plan.ts';
import { planPools } from './plan-pools.ts';
import { planServices } from './plan-services.ts';
import { suggestProfiles, tellFindings } from './remarks.ts';
import { type Entry, isImportant, Report } from './report.ts';
import { writeConfig } from './write.ts';

export const FORMATS = { haproxy: importHaproxy, keepalived: importKeepalived } as const satisfies Record<
  string,
  Importer
>;

export type FormatName = keyof typeof FORMATS;

export interface Imported {
  /** YAML. */
  readonly config: string;
  readonly entries: readonly Entry[];
  /** Entries that were too many to keep. */
  readonly left: number;
  /** `incomplete`: something important is missing, or the administrator has to fill in a value. */
  readonly result: 'complete' | 'incomplete';
  /** What `check` says of the config. */
  readonly findings: readonly Finding[];
  readonly counts: { readonly pools: number; readonly virtualServices: number; readonly realServers: number };
}

/** Never throws. @param file what the comments call it */
export function importText(format: FormatName, text: string, file: string, options: ImportOptions): Imported {
  const report = new Report();
  const draft = FORMATS[format](text, options, report);
  const fit = draft.sections.flatMap((section): DraftSection | [] => agree(section, report) ?? []);
  const { pools, pooled } = planPools(fit, options.merge, report);
  const services = planServices(pooled, report);
  const used = pools.filter((pool) => services.some((service) => service.pool === pool));
  const plan: Plan = { pools: used, services, redispatch: draft.redispatch, interface: draft.interface };
  if (services.length === 0)
    report.add(
      'missing',
      { line: 0, section: '', text: '' },
      'Nothing in this file became a virtual service.',
    );
  const trial = writeConfig(plan, { lines: [] }, new Map());
  tellFindings(trial, report);
  suggestProfiles(plan, report);
  const entries = report.entries();
  const config = writeConfig(plan, { lines: heading(format, file, entries) }, new Map());
  const { findings } = parseConfig(config, 'the result');
  const realServers = used.reduce((sum, pool) => sum + pool.servers.length, 0);
  return {
    config,
    entries,
    findings,
    left: report.left,
    result: report.incomplete ? 'incomplete' : 'complete',
    counts: { pools: used.length, virtualServices: services.length, realServers },
  };
}

/** What a person who finds the file later has to know. */
const MOST_IN_HEADING = 40;

function heading(format: FormatName, file: string, entries: readonly Entry[]): string[] {
  const lines = [
    `From ${file} by \`poolgate import ${format}\`; the lines named here are lines of that file.`,
  ];
  const important = entries.filter(({ kind }) => isImportant(kind));
  if (important.length === 0) return lines;
  lines.push('', 'Not complete:');
  for (const { line, kind, message } of important.slice(0, MOST_IN_HEADING))
    lines.push(`- ${line > 0 ? `line ${line}, ` : ''}${kind}: ${message}`);
  if (important.length > MOST_IN_HEADING)
    lines.push(`- and ${important.length - MOST_IN_HEADING} more; the import's report has them.`);
  return lines;
}
