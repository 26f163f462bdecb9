/** Names: each once, and each that is referred to there. */
import { nearest } from '../lib/nearest.ts';
import { type Path, formatPath } from '../model/path.ts';
import { findProfile, PROFILES } from '../profiles/profiles.ts';
import { type PathProblem, problem } from './issues.ts';
import type { SalvagedConfig } from './salvage.ts';

export function checkNames(config: SalvagedConfig): PathProblem[] {
  const { pools = [], virtualServices = [] } = config;
  const servers = pools.flatMap((pool, i) =>
    unique('real server', ['pools', i, 'realServers'], pool?.realServers ?? []),
  );
  return [
    ...unique('pool', ['pools'], pools),
    ...servers,
    ...unique('virtual service', ['virtualServices'], virtualServices),
    ...unknownPools(config),
    ...profiles(config),
  ];
}

function unique(
  kind: string,
  list: Path,
  items: readonly ({ readonly name?: string | undefined } | undefined)[],
): PathProblem[] {
  const first = new Map<string, number>();
  const problems: PathProblem[] = [];
  for (const [i, item] of items.entries()) {
    if (item?.name === undefined) continue;
    const before = first.get(item.name);
    if (before === undefined) first.set(item.name, i);
    else {
      const message = `The ${kind} \`${item.name}\` is there twice; first as \`${formatPath([...list, before])}\`.`;
      problems.push(
        problem(
          'CONFIG_DUPLICATE_NAME',
          [...list, i, 'name'],
          'value',
          message,
          `Give each ${kind} its own name.`,
        ),
      );
    }
  }
  return problems;
}

function unknownPools({ pools, virtualServices = [] }: SalvagedConfig): PathProblem[] {
  // Without the whole list nothing can be said about who is on it.
  if (!pools || pools.some((p) => p?.name === undefined)) return [];
  const names = pools.flatMap((p) => p?.name ?? []);
  return virtualServices.flatMap((service, i) => {
    if (service?.pool === undefined || names.includes(service.pool)) return [];
    const message = `There is no pool \`${service.pool}\`.`;
    return [
      problem(
        'CONFIG_UNKNOWN_POOL',
        ['virtualServices', i, 'pool'],
        'value',
        message,
        suggest(service.pool, names),
      ),
    ];
  });
}

function profiles({ pools = [] }: SalvagedConfig): PathProblem[] {
  return pools.flatMap((pool, i) => {
    const at = ['pools', i] as const;
    if (pool?.profile === undefined) return optionsAlone(at, pool?.options);
    const profile = findProfile(pool.profile);
    if (profile) return unknownOptions(at, pool.options ?? {}, profile.name, Object.keys(profile.options));
    const names = PROFILES.map((p) => p.name);
    const message = `There is no profile \`${pool.profile}\`.`;
    return [
      problem('CONFIG_UNKNOWN_PROFILE', [...at, 'profile'], 'value', message, suggest(pool.profile, names)),
    ];
  });
}

function optionsAlone(at: Path, options: object | undefined): PathProblem[] {
  if (!options || Object.keys(options).length === 0) return [];
  const message = 'Options are those of a profile, and this pool has none.';
  return [
    problem(
      'CONFIG_UNKNOWN_OPTION',
      [...at, 'options'],
      'key',
      message,
      'Add `profile`, or remove `options`.',
    ),
  ];
}

function unknownOptions(at: Path, options: object, profile: string, known: readonly string[]): PathProblem[] {
  return Object.keys(options)
    .filter((name) => !known.includes(name))
    .map((name) => {
      const message = `The profile \`${profile}\` has no option \`${name.slice(0, 60)}\`.`;
      const hint = known.length === 0 ? 'It has no options at all.' : suggest(name, known);
      return problem('CONFIG_UNKNOWN_OPTION', [...at, 'options', name], 'key', message, hint);
    });
}

function suggest(given: string, names: readonly string[]): string {
  const near = nearest(given, names);
  if (near) return `Did you mean \`${near}\`?`;
  return names.length === 0 ? '' : `There is: ${names.slice(0, 20).join(', ')}.`;
}
