/**
 * The table as commands for `nft -j -f -`, which are one transaction: the kernel goes from the table that was to the
 * table that is to be between two packets, or stays as it was.
 */
import { type Chain, chainsOf } from './chains.ts';
import type { Json } from './expressions.ts';
import { type NamedSet, setsOf } from './maps.ts';
import type { Translation } from './translation.ts';

export const FAMILY = 'inet';
export const TABLE = 'poolgate';

/** Names of what the table holds now. */
export interface Existing {
  readonly chains: readonly string[];
  /** Sets and maps. */
  readonly sets: readonly NamedThing[];
  readonly timeouts: readonly string[];
}

export interface NamedThing {
  readonly kind: 'set' | 'map';
  readonly name: string;
}

export const NOTHING: Existing = { chains: [], sets: [], timeouts: [] };

export interface Commands {
  readonly nftables: readonly Json[];
}

const place = { family: FAMILY, table: TABLE };

/**
 * From what there is to what there is to be. The table itself and its timeouts stay: connections refer to timeouts,
 * and when one goes they fall back to the kernel's own times (timeouts.ts).
 */
export function render(translation: Translation, existing: Existing = NOTHING): Commands {
  const sets = setsOf(translation);
  const chains = chainsOf(translation);
  return {
    nftables: [
      { add: { table: { family: FAMILY, name: TABLE } } },
      ...empty(existing),
      ...chains.map(declareChain),
      ...sets.map(declareSet),
      ...chains.flatMap(({ name, rules }) =>
        rules.map((expr) => ({ add: { rule: { ...place, chain: name, expr } } })),
      ),
    ],
  };
}

/** Rules first, then the maps that they look into, then the chains that maps lead to. */
function empty({ chains, sets }: Existing): Json[] {
  return [
    { flush: { table: { family: FAMILY, name: TABLE } } },
    ...sets.map(({ kind, name }) => ({ delete: { [kind]: { ...place, name } } })),
    ...chains.map((name) => ({ delete: { chain: { ...place, name } } })),
  ];
}

export function renderRemoval(): Commands {
  // Adding before deleting makes it succeed also where there is none.
  const table = { table: { family: FAMILY, name: TABLE } };
  return { nftables: [{ add: table }, { delete: table }] };
}

function declareChain({ name, hook }: Chain): Json {
  if (hook === null) return { add: { chain: { ...place, name } } };
  const { type, at, priority } = hook;
  return { add: { chain: { ...place, name, type, hook: at, prio: priority, policy: 'accept' } } };
}

function declareSet({ name, type, map, flags, elements }: NamedSet): Json {
  const definition = {
    ...place,
    name,
    type,
    ...(map === undefined ? {} : { map }),
    ...(flags === undefined ? {} : { flags }),
    ...(elements.length === 0 ? {} : { elem: elements }),
  };
  return { add: { [map === undefined ? 'set' : 'map']: definition } };
}
