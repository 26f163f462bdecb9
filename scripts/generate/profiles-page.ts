/** The reference page of profiles: every value with its source. */
import type { Profile } from '../../src/profiles/profile.ts';
import { PROFILES } from '../../src/profiles/profiles.ts';
import { code, generatedFrom, table } from './markdown.ts';

const INTRO = `# Profiles

A pool that names a profile gets from it what its kind of servers needs: ports, health checks, scheduler, timeouts. What the
file says itself always wins.`;

export function renderProfilesPage(): string {
  return `${[generatedFrom('src/profiles'), INTRO, ...PROFILES.map(page)].join('\n\n')}\n`;
}

function page(profile: Profile): string {
  const parts = [`## ${code(profile.name)}`, `${profile.title}. ${profile.description}`];
  if (Object.keys(profile.options).length > 0) parts.push('### Options', options(profile));
  if (profile.ports.length > 0) parts.push('### Ports', ports(profile));
  if (profile.checks) parts.push('### Health checks', checks(profile));
  const rows = settings(profile);
  if (rows.length > 0) parts.push('### Settings', table(['Setting', 'Value', 'Source'], rows));
  return parts.join('\n\n');
}

function options(profile: Profile): string {
  const rows = Object.entries(profile.options).map(([name, o]) => [
    code(name),
    o.default === 'unset' ? 'unset' : code(String(o.default)),
    o.description,
    o.source,
  ]);
  return table(['Option', 'Default', 'What it does', 'Source'], rows);
}

function ports(profile: Profile): string {
  const rows = profile.ports.map((p) => [
    `${p.port}`,
    p.purpose,
    p.need,
    p.option ? `unless ${code(`${p.option}: false`)}` : '',
    p.source,
  ]);
  return table(['Port', 'Purpose', 'Need', 'On the VIP', 'Source'], rows);
}

function checks(profile: Profile): string {
  const rows = (profile.checks ?? []).map((c) => [
    code(`${c.type} ${c.port}`),
    c.option ? `only with ${code(`${c.option}: true`)}` : 'always',
    c.source,
  ]);
  return table(['Check', 'When', 'Source'], rows);
}

function settings(p: Profile): string[][] {
  const rows: [string, { value: unknown; source: string } | undefined][] = [
    ['Scheduler', p.scheduler],
    ['Idle timeout', p.idleTimeout],
    ['NAT mode', p.nat],
    ['Verdict', p.verdict],
    ['Warns below an idle timeout of', p.limits?.idleAtLeast],
    ['Warns below a check interval of', p.limits?.intervalAtLeast],
  ];
  const limits = (p.limits?.checkOneOf ?? []).map((c): (typeof rows)[number] => [
    'Warns without a check of',
    { ...c, value: c.value.join(' or ') },
  ]);
  const refused = Object.entries(p.refusedNat ?? {}).map(
    ([mode, { rule, why, source }]): (typeof rows)[number] => [
      `Refuses \`nat: ${mode}\` (${rule})`,
      { value: why, source },
    ],
  );
  return [...rows, ...refused, ...limits].flatMap(([name, s]) =>
    s ? [[name, String(s.value), s.source]] : [],
  );
}
