/**
 * Our one table in the kernel. Whoever calls does so one call after the other: what there is to replace is looked up
 * before it is replaced.
 */
import * as z from 'zod';
import { PoolgateError } from '../../../lib/errors.ts';
import { checkTranslation } from './check.ts';
import { type Ran, type RunNft, runNft } from './nft.ts';
import { type Commands, type Existing, FAMILY, NOTHING, render, renderRemoval, TABLE } from './render.ts';
import { declareTimeouts, deleteTimeouts, policiesOf } from './timeouts.ts';
import type { Translation } from './translation.ts';

/**
 * Makes the table what the translation says, all or nothing. Open connections go on as they were translated, also
 * those to targets that are gone; ending them is the caller's affair. Nobody else's rules are touched.
 * @throws PoolgateError SYSTEM, INTERNAL (a translation that contradicts itself)
 */
export async function applyTranslation(translation: Translation, run: RunNft = runNft): Promise<void> {
  checkTranslation(translation);
  const existing = await existingNames(run);
  const policies = policiesOf(translation);
  // Before the rest and not with it, for it is in another language; policies that nothing refers to do nothing.
  const fresh = policies.filter(({ name }) => !existing.timeouts.includes(name));
  if (fresh.length > 0) {
    const declared = await run(['-f', '-'], declareTimeouts(FAMILY, TABLE, fresh));
    if (!declared.ok) throw refused('declare timeouts', declared);
  }
  await command(render(translation, existing), 'apply its rules', run);
  const kept = new Set(policies.map(({ name }) => name));
  const stale = existing.timeouts.filter((name) => !kept.has(name));
  // What it says to that changes nothing any more: the rules are in place, and the next one tries again.
  if (stale.length > 0) await run(['-f', '-'], deleteTimeouts(FAMILY, TABLE, stale));
}

/** That there is none is fine. Translated connections stop being translated. @throws PoolgateError SYSTEM */
export async function removeTranslation(run: RunNft = runNft): Promise<void> {
  await command(renderRemoval(), 'remove its table', run);
}

/** Whether it is there. Asked often, so not for what it holds. @throws PoolgateError SYSTEM */
export async function tableStands(run: RunNft = runNft): Promise<boolean> {
  const ran = await run(['list', 'tables', FAMILY]);
  if (!ran.ok) throw refused('list the tables', ran);
  return ran.stdout.split('\n').includes(`table ${FAMILY} ${TABLE}`);
}

async function command(commands: Commands, what: string, run: RunNft): Promise<void> {
  const ran = await run(['-j', '-f', '-'], JSON.stringify(commands));
  if (!ran.ok) throw refused(what, ran);
}

const named = z.object({ name: z.string() });
const listed = z.object({
  nftables: z.array(
    z.object({
      chain: named.optional(),
      set: named.optional(),
      map: named.optional(),
      'ct timeout': named.optional(),
    }),
  ),
});

/** What is in the table now, be it from before a restart. Only names are read: nft does not accept its own listing. */
async function existingNames(run: RunNft): Promise<Existing> {
  const ran = await run(['-j', '-t', 'list', 'table', FAMILY, TABLE]);
  if (!ran.ok) {
    if (/No such file or directory/.test(ran.stderr)) return NOTHING;
    throw refused('list its table', ran);
  }
  return parseListing(ran.stdout);
}

export function parseListing(json: string): Existing {
  try {
    const { nftables } = listed.parse(JSON.parse(json));
    return {
      chains: nftables.flatMap(({ chain }) => (chain ? [chain.name] : [])),
      sets: nftables.flatMap(({ set, map }) => [
        ...(set ? [{ kind: 'set' as const, name: set.name }] : []),
        ...(map ? [{ kind: 'map' as const, name: map.name }] : []),
      ]),
      timeouts: nftables.flatMap((entry) => (entry['ct timeout'] ? [entry['ct timeout'].name] : [])),
    };
  } catch (error) {
    throw new PoolgateError('SYSTEM', '`nft -j list table` printed something else than expected.', {
      cause: error,
    });
  }
}

function refused(what: string, { stderr }: Ran): PoolgateError {
  if (/Operation not permitted/.test(stderr)) {
    const hint = 'Run Poolgate as root or with CAP_NET_ADMIN, or write dataPlane: proxy.';
    return new PoolgateError('SYSTEM', `nft could not ${what}: this process lacks CAP_NET_ADMIN.`, { hint });
  }
  const said = stderr.trim().split('\n', 1)[0]?.slice(0, 300) || 'it failed and said nothing';
  return new PoolgateError('SYSTEM', `nft could not ${what}: ${said}`);
}
