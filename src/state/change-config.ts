/** Another config, all or nothing: whatever can fail comes before the plane's change, except one last rename. */
import type { LoadedConfig } from '../config/loaded.ts';
import { PoolgateError } from '../lib/errors.ts';
import type { Balancer } from './balancer.ts';
import type { ConfigFile, StagedConfig } from './config-file.ts';
import type { PlanStep } from './contract.ts';
import { stillValid } from './overrides.ts';

/**
 * Writes the text to the file and runs it.
 * @throws ConfigRejected, PoolgateError CONFIG_CHANGED, RESTART_NEEDED, SYSTEM, what the plane throws
 */
export async function applyText(
  balancer: Balancer,
  file: ConfigFile,
  text: string,
  actor: string,
): Promise<PlanStep[]> {
  const next = file.parse(text);
  const steps = stepsTo(next, balancer, file);
  const staged = await file.stage(next, balancer.intent.config.hash);
  await enact(balancer, next, staged, actor);
  return steps;
}

/** Runs what the file holds. @throws ConfigRejected, PoolgateError CONFIG_UNREADABLE, RESTART_NEEDED, what the plane throws */
export async function reloadFile(balancer: Balancer, file: ConfigFile, actor: string): Promise<PlanStep[]> {
  const next = await file.read();
  const steps = stepsTo(next, balancer, file);
  await enact(balancer, next, NOTHING_TO_WRITE, actor);
  return steps;
}

const NOTHING_TO_WRITE: StagedConfig = { commit: async () => {}, discard: async () => {} };

async function enact(
  balancer: Balancer,
  next: LoadedConfig,
  staged: StagedConfig,
  actor: string,
): Promise<void> {
  const overrides = stillValid(balancer.intent.overrides, next.effective);
  try {
    await balancer.enact({ config: next, overrides }, actor, () => staged.commit());
  } catch (error) {
    await staged.discard();
    throw error;
  }
}

/** @throws PoolgateError RESTART_NEEDED naming every such key */
function stepsTo(next: LoadedConfig, balancer: Balancer, file: ConfigFile): PlanStep[] {
  const steps = file.plan(balancer.intent.config.effective, next.effective);
  const keys = steps.filter((s) => s.applies === 'restart').map((s) => s.what);
  if (keys.length === 0) return steps;
  throw new PoolgateError(
    'RESTART_NEEDED',
    `${keys.join(', ')}: cannot change while running. Nothing was applied.`,
  );
}
