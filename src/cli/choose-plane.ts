/** Which data plane runs, and why, in one line for the log and `poolgate status`. Pure. */
import { kernelNeeds, kernelObstacles } from '../config/check-kernel.ts';
import { type Missing, oneLine } from '../dataplane/kernel/requirements.ts';
import { PoolgateError } from '../lib/errors.ts';
import type { EffectiveConfig } from '../model/effective.ts';
import { planeInterfaces } from './kernel-options.ts';

export interface PlaneChoice {
  readonly name: 'proxy' | 'kernel';
  readonly reason: string;
}

/**
 * @param config without errors
 * @param missingFor what this machine lacks for the kernel data plane; asked only when that decides
 * @throws PoolgateError PLANE_UNAVAILABLE when the config wants the kernel data plane and this machine cannot run it
 */
export async function choosePlane(
  config: EffectiveConfig,
  missingFor: (config: EffectiveConfig) => Promise<readonly Missing[]>,
): Promise<PlaneChoice> {
  if (config.dataPlane === 'proxy') return { name: 'proxy', reason: 'the config says dataPlane: proxy' };
  const auto = config.dataPlane === 'auto';
  const [obstacle] = kernelObstacles(config);
  if (auto && obstacle) return { name: 'proxy', reason: `auto: ${obstacle.why}` };
  const [need] = kernelNeeds(config);
  const missing = await missingFor(config);
  if (missing.length > 0) {
    if (!auto) throw unavailable('The config says dataPlane: kernel', missing);
    if (need) throw unavailable(`${sentence(need.why)} needs the kernel data plane`, missing);
    return { name: 'proxy', reason: `auto: ${oneLine(missing)}` };
  }
  if (!auto) return { name: 'kernel', reason: 'the config says dataPlane: kernel' };
  const on = planeInterfaces(config.topology).join(' and ');
  return { name: 'kernel', reason: `auto: this machine can run it, on ${on}` };
}

/** Every missing thing with what to do about it: whoever mends one wants to know of the next. */
export function unavailable(wish: string, missing: readonly Missing[]): PoolgateError {
  const list = missing.map(({ what }) => what).join('; ');
  const hint = [...new Set(missing.map((one) => one.hint))].join(' ');
  return new PoolgateError('PLANE_UNAVAILABLE', `${wish}, and this machine cannot run it: ${list}.`, {
    hint,
  });
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
