import { existsSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { findProduct, findRoles } from '../catalogue/names.ts';
import type { Product } from '../catalogue/products.ts';
import type { Role } from '../catalogue/roles.ts';
import type { Firewall, Flow } from '../convert/firewall/flow.ts';
import { PoolgateError } from '../lib/errors.ts';
import { parseNetwork } from '../model/cidr.ts';
import { formatCidr } from '../model/cidr.ts';
import { act, type Cli, newCommand } from './command.ts';
import { EXIT, type ExitCode } from './io.ts';
import { jsonText, printable } from './text.ts';
import { type Column, table } from './table.ts';

type Addresses = ReadonlyMap<string, readonly string[]>;

interface Options {
  readonly for: string;
  readonly address: Addresses;
  readonly format: 'table' | 'json' | 'nftables' | 'iptables' | 'windows' | 'csv';
}

export function firewallCommand(cli: Cli): Command {
  return newCommand(
    'firewall',
    'Show what must be open between clients, balancer and servers, or write it as rules of a firewall',
    [
      ['poolgate firewall --for pool.yaml', 'with the addresses of the config'],
      ['poolgate firewall --for ocs-2007-r2/front-end --format csv', 'a sheet for the network department'],
      [
        'poolgate firewall --for pool.yaml --format nftables > rules.nft',
        'for a Linux firewall between them',
      ],
      ['poolgate firewall --for pool.yaml --format windows', 'for the Windows Firewall of the servers'],
      [
        'poolgate firewall --for pool.yaml --address clients=10.1.0.0/16,10.2.0.0/16 --format iptables',
        'clients of these networks alone',
      ],
    ],
  )
    .addOption(
      new Option(
        '--for <what>',
        'a config file, or a role of `poolgate ports` such as ocs-2007-r2/front-end',
      ).makeOptionMandatory(),
    )
    .addOption(
      new Option(
        '--address <name=list>',
        'who has which addresses, such as clients=10.0.0.0/8,192.168.0.0/16; may be given several times',
      )
        .argParser(addAddresses)
        .default(new Map(), 'what the config says, and any for clients'),
    )
    .addOption(
      new Option('--format <format>', 'table for people, json for programs, or what the rules are for')
        .choices(['table', 'json', 'nftables', 'iptables', 'windows', 'csv'])
        .default('table'),
    )
    .action(act(cli, (options: Options) => show(cli, options)));
}

async function show(cli: Cli, { for: subject, address, format }: Options): Promise<ExitCode> {
  const { withAddresses } = await import('../convert/firewall/parties.ts');
  const flows = withAddresses(await flowsFor(subject), address);
  const firewall = { subject, flows };
  cli.io.out(await text(cli, format, firewall));
  const { fillIn } = await import('../convert/firewall/words.ts');
  if (flows.length === 0) cli.io.err(`poolgate: ${printable(subject)} needs nothing open.\n`);
  for (const line of fillIn(flows)) cli.io.err(`${printable(line)}\n`);
  return EXIT.fine;
}

async function text(cli: Cli, format: Options['format'], firewall: Firewall): Promise<string> {
  const { flowRows, sorted } = await import('../convert/firewall/sheet.ts');
  if (format === 'json') return `${jsonText(flowRows(firewall))}\n`;
  if (format === 'table') return table(sorted(firewall.flows), await columns(), cli.io);
  const { FIREWALL_FORMATS } = await import('../convert/firewall/formats.ts');
  return FIREWALL_FORMATS[format](firewall);
}

async function columns(): Promise<readonly Column<Flow>[]> {
  const [{ addressText }, { spanText }] = await Promise.all([
    import('../convert/firewall/sheet.ts'),
    import('../convert/firewall/flow.ts'),
  ]);
  return [
    { title: 'FROM', cell: (f) => f.from.label, shrinkTo: 12 },
    { title: 'ADDRESSES', cell: (f) => addressText(f.from), shrinkTo: 9 },
    { title: 'TO', cell: (f) => f.to.label, shrinkTo: 12 },
    { title: 'ADDRESSES', cell: (f) => addressText(f.to), shrinkTo: 9 },
    { title: 'PORT', cell: (f) => `${spanText(f)}/${f.transport}` },
    { title: 'PURPOSE', cell: (f) => f.purpose, shrinkTo: 20 },
  ];
}

/** A file if there is one of this name, else a role. @throws ConfigRejected, PoolgateError */
async function flowsFor(subject: string): Promise<readonly Flow[]> {
  const role = existsSync(subject) ? null : roleOf(subject);
  if (!role) {
    const [{ loadConfigFile }, { flowsOfConfig }] = await Promise.all([
      import('../config/load.ts'),
      import('../convert/firewall/from-config.ts'),
    ]);
    return flowsOfConfig(loadConfigFile(subject).effective);
  }
  const [{ selectRows, whyNone }, { flowsOfRole }] = await Promise.all([
    import('../catalogue/select.ts'),
    import('../convert/firewall/from-catalogue.ts'),
  ]);
  const { product, roles } = role;
  const known = roles.filter((each) => selectRows({ product, roles: [each] }).length > 0);
  if (known.length === 0) throw unknown(subject, whyNone({ product, roles }));
  return known.flatMap((each) => flowsOfRole(product, each));
}

/** @returns null for what can only be a file */
function roleOf(subject: string): { product: Product; roles: readonly Role[] } | null {
  const [, productName = '', roleName] = /^([^/]+)(?:\/([^/]+))?$/.exec(subject) ?? [];
  // Of three words, or with the ending of configs, it can only be a path.
  if (productName === '' || /\.ya?ml$/i.test(subject)) return null;
  if (roleName === undefined) throw unknown(subject, 'Write PRODUCT/ROLE, such as ocs-2007-r2/front-end.');
  const product = findProduct(productName);
  if (!product.ok) throw unknown(subject, product.problem);
  const roles = findRoles(roleName);
  if (!roles.ok) throw unknown(subject, roles.problem);
  return { product: product.value, roles: roles.value };
}

function unknown(subject: string, problem: string): PoolgateError {
  return new PoolgateError('UNKNOWN_ROLE', `${subject} is neither a file nor a role.`, { hint: problem });
}

function addAddresses(text: string, before: Addresses): Addresses {
  const [, name, list = ''] = /^([^=]+)=(.*)$/.exec(text) ?? [];
  if (name === undefined) {
    throw new InvalidArgumentError('Write a name, `=`, and addresses or networks joined by commas.');
  }
  const addresses = list.split(',').map((each) => {
    const parsed = parseNetwork(each.trim());
    if (parsed.ok) return formatCidr(parsed.cidr);
    throw new InvalidArgumentError(`${JSON.stringify(each.trim())} ${parsed.problem}. ${parsed.hint}`);
  });
  return new Map([...before, [name, [...(before.get(name) ?? []), ...addresses]]]);
}
