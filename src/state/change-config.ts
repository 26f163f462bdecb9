/** Another config, all or nothing: whatever can fail comes before the plane's change, except one last rename. */
import { kernelNeeds, kernelObstacles } from '../config/check-kernel.ts';
import type { LoadedConfig } from '../config/loaded.ts';
import type { DataPlane } from '../dataplane/dataplane.ts';
import { PoolgateError } from '../lib/errors.ts';
import type { EffectiveConfig } from '../model/effective.ts';
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

/** @throws PoolgateError RESTART_NEEDED naming every such key, or what another data plane is needed for */
function stepsTo(next: LoadedConfig, balancer: Balancer, file: ConfigFile): PlanStep[] {
  const steps = file.plan(balancer.intent.config.effective, next.effective);
  const keys = steps.filter((s) => s.applies === 'restart').map((s) => s.what);
  if (keys.length === 0) {
    requirePlane(balancer.planeName, next.effective);
    return steps;
  }
  throw new PoolgateError(
    'RESTART_NEEDED',
    `${keys.join(', ')}: cannot change while running. Nothing was applied.`,
  );
}

/** With dataPlane auto another config may want another plane than the one that runs. */
function requirePlane(plane: DataPlane['name'], next: EffectiveConfig): void {
  const [obstacle] = plane === 'kernel' ? kernelObstacles(next) : [];
  const [need] = plane === 'proxy' ? kernelNeeds(next) : [];
  const why = obstacle?.why ?? (need && `${need.why} needs the kernel data plane`);
  if (why === undefined) return;
  const message = `The ${plane} data plane runs and cannot do this: ${why}. Nothing was applied.`;
  const hint =
    'Put it in the file and restart Poolgate, which then takes another data plane if it can; or leave it out.';
  throw new PoolgateError('RESTART_NEEDED', message, { hint });
}
