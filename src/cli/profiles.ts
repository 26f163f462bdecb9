import { type Command, InvalidArgumentError } from 'commander';
import { nearest } from '../lib/nearest.ts';
import type { Profile } from '../profiles/profile.ts';
import { findProfile, PROFILES } from '../profiles/profiles.ts';
import { exampleOf } from '../profiles/example.ts';
import { act, type Cli, type DataOptions, formatOption, newCommand, print } from './command.ts';
import { EXIT, type ExitCode } from './io.ts';
import { profileText, profilesTable } from './profiles-text.ts';
import { profileView, summaryView } from './profiles-view.ts';

interface ShowOptions extends DataOptions {
  readonly example?: boolean;
}

export function profilesCommand(cli: Cli): Command {
  const show = newCommand('show', 'Show all that a profile supplies, each value with its source', [
    ['poolgate profiles show sfb-2019/front-end-hlb', 'ports, checks, options, NAT, timeouts, notes'],
    ['poolgate profiles show sfb-2019/edge-external-av --example > edge.yaml', 'a config to begin with'],
  ])
    .argument('<name>', 'the name of a profile, such as ocs-2007-r2/enterprise-pool', profileNamed)
    .addOption(formatOption())
    .option('--example', 'instead: a config for it that runs as it is')
    .action(act(cli, (profile: Profile, options: ShowOptions) => showOne(cli, profile, options)));
  return newCommand('profiles', 'List the kinds of pools that Poolgate knows, or show what one needs', [
    ['poolgate profiles', 'all of them'],
    ['poolgate profiles show ocs-2007-r2/enterprise-pool', 'one, with its sources'],
  ])
    .addOption(formatOption())
    .action(act(cli, (options: DataOptions) => list(cli, options)))
    .addCommand(show);
}

function list(cli: Cli, { format }: DataOptions): ExitCode {
  print(cli, format, PROFILES.map(summaryView), () => profilesTable(PROFILES, cli.io));
  return EXIT.fine;
}

function showOne(cli: Cli, profile: Profile, { format, example }: ShowOptions): ExitCode {
  if (example) print(cli, format, exampleOf(profile, null), () => exampleOf(profile, null));
  else print(cli, format, profileView(profile), () => profileText(profile, cli.io));
  return EXIT.fine;
}

function profileNamed(name: string): Profile {
  const profile = findProfile(name);
  if (profile) return profile;
  const names = PROFILES.map((p) => p.name);
  const meant = nearest(name, names);
  const kin = names.filter((n) => n.startsWith(`${name.split('/')[0]}/`) || n.endsWith(`/${name}`));
  const others = kin.length > 0 ? `There is: ${kin.join(', ')}.` : '`poolgate profiles` lists them.';
  const hint = meant === null ? others : `Did you mean ${meant}?`;
  throw new InvalidArgumentError(`There is no profile ${name.slice(0, 64)}. ${hint}`);
}
