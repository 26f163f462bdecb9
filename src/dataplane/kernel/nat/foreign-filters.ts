/**
 * Rules of somebody else that judge what is forwarded. They see only what goes through netfilter; so where there are
 * any, no connection takes the short way past it (bpf/way.h).
 */
import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { PoolgateError } from '../../../lib/errors.ts';
import { type RunNft, runNft } from './nft.ts';
import { TABLE } from './render.ts';

/** Hooks that a forwarded packet passes (nft(8)). */
const ON_THE_WAY = new Set(['prerouting', 'forward', 'postrouting']);
/** Families whose chains see IP packets on their way through. */
const FAMILIES = new Set(['ip', 'ip6', 'inet']);

const chain = z.object({
  family: z.string(),
  table: z.string(),
  name: z.string(),
  type: z.string().optional(),
  hook: z.string().optional(),
  policy: z.string().optional(),
});
const listing = z.object({
  nftables: z.array(z.object({ chain: chain.optional(), rule: z.unknown().optional() })),
});
type Chain = z.infer<typeof chain>;

/** Old tables of iptables, which nft does not show: their names, where such a table was ever asked for (iptables(8)). */
const OLD_TABLES = ['/proc/net/ip_tables_names', '/proc/net/ip6_tables_names'];
const JUDGING = new Set(['filter', 'mangle', 'raw', 'security']);

/**
 * The first chain or table that may drop what is forwarded, in words; null: there is none.
 * @throws PoolgateError SYSTEM
 */
export async function foreignFilter(run: RunNft = runNft, oldTables = OLD_TABLES): Promise<string | null> {
  for (const one of await chains(run)) {
    if (one.policy === 'drop' || (await hasRules(one, run))) {
      return `the nftables chain ${one.family} ${one.table} ${one.name}`;
    }
  }
  const old = (await Promise.all(oldTables.map(namesIn))).flat().find((name) => JUDGING.has(name));
  return old === undefined ? null : `the old iptables table ${old}`;
}

/** Looks for them again and again, and says so when some came. */
export class ForeignFilters {
  /** In words; null: there are none. */
  found: string | null = null;
  private readonly tell: (message: string) => void;
  private readonly ask: () => Promise<string | null>;

  constructor(tell: (message: string) => void, ask: () => Promise<string | null> = foreignFilter) {
    this.tell = tell;
    this.ask = ask;
  }

  /** @returns whether some came or went @throws PoolgateError SYSTEM */
  async look(): Promise<boolean> {
    const before = this.found;
    this.found = await this.ask();
    if (this.found !== null && before === null) {
      this.tell(
        `Connections are translated by conntrack and not by the programs, which is slower, so that ${this.found} sees them.`,
      );
    }
    return (before === null) !== (this.found === null);
  }
}

/** Base chains that are not ours and may judge. Those of type nat only translate, and what we take is decided by then. */
async function chains(run: RunNft): Promise<Chain[]> {
  const { nftables } = await list(['list', 'chains'], run);
  return nftables
    .flatMap(({ chain: found }) => found ?? [])
    .filter(({ family, table, type, hook }) => {
      const isOurs = family === 'inet' && table === TABLE;
      return !isOurs && FAMILIES.has(family) && type === 'filter' && ON_THE_WAY.has(hook ?? '');
    });
}

async function hasRules({ family, table, name }: Chain, run: RunNft): Promise<boolean> {
  const { nftables } = await list(['-t', 'list', 'chain', family, table, name], run);
  return nftables.some(({ rule }) => rule !== undefined);
}

async function list(args: readonly string[], run: RunNft): Promise<z.infer<typeof listing>> {
  const { ok, stdout, stderr } = await run(['-j', ...args]);
  // A chain may have gone since it was listed.
  if (!ok && /No such file or directory/.test(stderr)) return { nftables: [] };
  const parsed = ok ? listing.safeParse(parse(stdout)) : null;
  if (parsed?.success) return parsed.data;
  throw new PoolgateError('SYSTEM', `nft could not ${args.join(' ')}: ${stderr.trim().slice(0, 300)}`);
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

async function namesIn(file: string): Promise<string[]> {
  try {
    return (await readFile(file, 'utf8')).split('\n');
  } catch {
    return [];
  }
}
