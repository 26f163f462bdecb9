import { type Command, InvalidArgumentError, Option } from 'commander';
import { findProduct } from '../catalogue/names.ts';
import type { Product } from '../catalogue/products.ts';
import { type Rule, type Way, WAYS } from '../rules/rule.ts';
import { act, type Cli, type DataOptions, formatOption, newCommand, print } from './command.ts';
import { EXIT, type ExitCode } from './io.ts';
import { ruleText, rulesTable, ruleView } from './rules-text.ts';

interface Options extends DataOptions {
  readonly product?: Product;
  readonly how?: Way;
  readonly id?: readonly string[];
}

export function rulesCommand(cli: Cli): Command {
  const list = newCommand(
    'rules',
    'List what a deployment must keep, by number; `check` finds what a config breaks',
    [
      ['poolgate rules', 'all of them'],
      ['poolgate rules R17 R18', 'these'],
      ['poolgate rules --product sfb-2019 --how lint', 'what `check` looks at for that product'],
      ['poolgate rules show R18', 'all of one'],
    ],
  )
    .argument('[id...]', 'only these, such as R17 R18')
    .option('--id <id>', 'the same as an option; may be repeated', (id: string, before: string[] = []) => [
      ...before,
      id,
    ])
    .option('--product <name>', 'only those of this product, such as ocs-2007-r2', productNamed)
    .addOption(
      new Option('--how <way>', 'only those that are checked in this way').choices(Object.keys(WAYS)),
    )
    .addOption(formatOption());
  return list
    .action(act(cli, (ids: readonly string[], options: Options) => showList(cli, list, ids, options)))
    .addCommand(showCommand(cli));
}

function showCommand(cli: Cli): Command {
  const show = newCommand('show', 'Show all that there is to say of a rule, with a config that keeps it', [
    ['poolgate rules show R18', 'why, who says so, how it is checked, what to write'],
  ])
    .argument('<id>', 'such as R18')
    .addOption(formatOption());
  return show.action(
    act(cli, async (id: string, { format }: DataOptions) => {
      const [rule] = await named([id], show);
      if (rule) print(cli, format, ruleView(rule), () => ruleText(rule, cli.io));
      return EXIT.fine;
    }),
  );
}

async function showList(
  cli: Cli,
  command: Command,
  ids: readonly string[],
  { product, how, id = [], format }: Options,
): Promise<ExitCode> {
  const { RULES } = await import('../rules/rules.ts');
  const wanted = await named([...ids, ...id], command);
  const rules = RULES.filter((rule) => wanted.length === 0 || wanted.includes(rule))
    .filter((rule) => product === undefined || rule.products.includes(product))
    .filter((rule) => how === undefined || rule.how.includes(how));
  print(cli, format, rules.map(ruleView), () => (rules.length === 0 ? '' : rulesTable(rules, cli.io)));
  if (rules.length > 0) return EXIT.fine;
  cli.io.err('poolgate: No rule is all of that.\n  hint: Leave out a filter.\n');
  return EXIT.refused;
}

/** Ends the command with a usage error where there is no such rule. */
async function named(ids: readonly string[], command: Command): Promise<Rule[]> {
  // Only here: other commands start faster without rules and profiles.
  const { findRule } = await import('../rules/rules.ts');
  return ids.map((text) => {
    const rule = findRule(text);
    if (rule) return rule;
    const known = '`poolgate rules` lists them; R46 to R49 do not exist.';
    return command.error(`error: there is no rule ${JSON.stringify(text.slice(0, 40))}; ${known}`);
  });
}

function productNamed(text: string): Product {
  const found = findProduct(text);
  if (found.ok) return found.value;
  throw new InvalidArgumentError(found.problem);
}
