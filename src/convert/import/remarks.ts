/** What `check` itself says of the result: that it is refused, and what the rules of a product would want of it. */
import type { Finding } from '../../config/findings.ts';
import { parseConfig } from '../../config/load.ts';
import { checksOf, type Profile, portsOf } from '../../profiles/profile.ts';
import { PROFILES } from '../../profiles/profiles.ts';
import type { Plan, PlannedPool } from './plan.ts';
import type { Report } from './report.ts';
import { FILL_IN, sourceLineOf, writeConfig } from './write.ts';

/** Fewer ports are found by chance. */
const LEAST_PORTS = 3;
const MOST_NAMED = 3;

/**
 * What `check` would say becomes entries: its errors, so that nobody is handed a config that is refused without a word, and
 * its warnings, among them what the rules of deployment say.
 */
export function tellFindings(config: string, report: Report): void {
  for (const finding of parseConfig(config, 'the result').findings) {
    const text = lineOf(config, finding);
    // Said already where the value was found to be missing.
    if (text.includes(`# ${FILL_IN}`)) continue;
    if (finding.severity === 'error') {
      const message = `\`poolgate check\` refuses line ${finding.line} of the result: ${finding.message}`;
      tell('fill-in', config, { ...finding, message }, '', report);
    } else tell('remark', config, finding, '', report);
  }
}

function tell(
  kind: 'fill-in' | 'remark',
  config: string,
  finding: Finding,
  section: string,
  report: Report,
): void {
  const text = lineOf(config, finding).replace(/ # .*/, '').trim();
  const place = { line: sourceLineOf(config, finding.line), section, text };
  report.add(kind, place, finding.message, { hint: finding.hint, rule: ruleOf(finding) });
}

function lineOf(config: string, finding: Finding): string {
  return config.split('\n')[finding.line - 1] ?? '';
}

/** Ports that are those of a product: which profile that is, and what its rules would say. */
export function suggestProfiles(plan: Plan, report: Report): void {
  for (const pool of plan.pools) {
    const fitting = profilesFor(plan, pool);
    const [first] = fitting;
    if (!first) continue;
    const names = fitting.slice(0, MOST_NAMED).map((profile) => `\`${profile.name}\``);
    const more = fitting.length > MOST_NAMED ? ` (and ${fitting.length - MOST_NAMED} others)` : '';
    const place = { line: pool.lines[0] ?? 0, section: pool.label, text: pool.label };
    report.add('remark', place, `These are the ports of ${names.join(', ')}${more}: ${first.title}.`, {
      hint: `Write \`profile: ${first.name}\` at the pool and remove \`healthChecks\` and \`ports\`: it brings checks and timeouts that its product wants.`,
    });
    tellRules(plan, pool, first, report);
  }
}

/** What `check` says of rules when the pool has the profile, each at the line that it is about. */
function tellRules(plan: Plan, pool: PlannedPool, profile: Profile, report: Report): void {
  const config = writeConfig(plan, { lines: [] }, new Map([[pool.name, profile.name]]));
  const { findings } = parseConfig(config, 'import');
  for (const finding of findings.filter((f) => ruleOf(f) !== ''))
    tell('remark', config, finding, pool.label, report);
}

function ruleOf(finding: Finding): string {
  return /^R\d+$/.test(finding.rule) ? finding.rule : '';
}

/** The required ports are there, and no others than the profile's. */
function profilesFor(plan: Plan, pool: PlannedPool): Profile[] {
  const ports = plan.services.filter((s) => s.pool === pool).flatMap((s) => s.ports);
  const own = new Set(ports.filter((p) => p.protocol === 'tcp' && p.first === p.last).map((p) => p.first));
  return PROFILES.filter((profile) => {
    const known = portsOf(profile, {});
    if (known.length < LEAST_PORTS || own.size < LEAST_PORTS) return false;
    const numbers = new Set(known.map((p) => p.port));
    const checked = new Set((checksOf(profile, {}) ?? []).map((c) => c.port));
    const wanted = known.filter((p) => p.need === 'required' || checked.has(p.port));
    return wanted.every((p) => own.has(p.port)) && [...own].every((port) => numbers.has(port));
  });
}
