/** The data plane with what it stands on: started before the controller, and taken away after it. */
import { planeInterfaces, planeNetwork } from './cli/kernel-options.ts';
import type { DataPlane } from './dataplane/dataplane.ts';
import { claimNetwork } from './dataplane/kernel/claim.ts';
import { removeLeftovers } from './dataplane/kernel/leftovers.ts';
import { leavePlaces, type Places, placesOf, preparePlaces } from './dataplane/kernel/places.ts';
import { missingHere } from './dataplane/kernel/machine.ts';
import type { Missing } from './dataplane/kernel/requirements.ts';
import { createProxyPlane, type ProxyPlaneOptions } from './dataplane/proxy/plane.ts';
import { createKernelPlane } from './dataplane/kernel/plane.ts';
import { PoolgateError } from './lib/errors.ts';
import type { EffectiveConfig } from './model/effective.ts';
import { forwardedOf } from './network/ground/families.ts';
import { Ground } from './network/ground/ground.ts';
import { wasClosed } from './network/ground/switches.ts';
import { strayServers } from './network/routes.ts';

export interface StartedPlane {
  readonly plane: DataPlane;
  /** After the plane is closed and the addresses are gone. Does not fail. */
  close(): Promise<void>;
}

export interface PlaneParts {
  readonly config: EffectiveConfig;
  readonly stateDir: string;
  readonly onTrouble: (message: string) => void;
}

/**
 * @throws PoolgateError PLANE_UNAVAILABLE, INTERFACE_MISSING, INTERFACE_BUSY, SYSTEM; what was there before is as it was
 */
export async function startKernelPlane(parts: PlaneParts): Promise<StartedPlane> {
  const claim = await claimNetwork();
  const ground = new Ground({ stateDir: parts.stateDir, warn: parts.onTrouble });
  try {
    const { plane, places } = await raise(parts, ground);
    return {
      plane,
      close: async () => {
        await ground.close(parts.config.topology.keepAtStop);
        leavePlaces(places);
        claim.close();
      },
    };
  } catch (error) {
    // Where an earlier process left its plane at work, it goes on as it was.
    if (!ground.tookOver) await ground.close(false);
    claim.close();
    throw error;
  }
}

async function raise(
  { config, stateDir, onTrouble }: PlaneParts,
  ground: Ground,
): Promise<{ plane: DataPlane; places: Places }> {
  const { topology } = config;
  await ground.lay(topology);
  const places = await preparePlaces(stateDir);
  const forwarded = await forwardedOf(config, planeInterfaces(topology));
  const network = planeNetwork(topology, forwarded.interfaces, wasClosed(ground.plan(forwarded)));
  // Before the programs and the table are there nothing is forwarded, and after they are gone neither.
  const beforeRelease = () => ground.stopForwarding();
  const plane = await createKernelPlane({ ...network, ...places, onTrouble, beforeRelease });
  try {
    await ground.forward(forwarded);
    return { plane, places };
  } catch (error) {
    if (plane.adopted !== true) await plane.close(0);
    throw error;
  }
}

/** @throws PoolgateError TOO_LARGE_FOR_MACHINE, SYSTEM */
export async function startProxyPlane(parts: PlaneParts, options: ProxyPlaneOptions): Promise<StartedPlane> {
  await cleanUpKernelPlane(parts);
  return { plane: await createProxyPlane(options), close: async () => {} };
}

/** What an earlier run with the kernel data plane left. */
async function cleanUpKernelPlane({ config, stateDir, onTrouble }: PlaneParts): Promise<void> {
  try {
    // Or it is at work, in another process.
    const claim = await claimNetwork();
    if (await removeLeftovers(placesOf(stateDir)))
      onTrouble('An earlier run left a kernel data plane behind; it was removed.');
    const ground = new Ground({ stateDir, warn: onTrouble });
    await ground.lay(config.topology);
    await ground.close(false);
    claim.close();
  } catch (error) {
    if (error instanceof PoolgateError && error.code === 'PLANE_UNAVAILABLE') return;
    onTrouble(error instanceof Error ? error.message : String(error));
  }
}

/** What this machine and its network lack for the kernel data plane; empty where it can run. */
export async function missingFor(config: EffectiveConfig): Promise<readonly Missing[]> {
  const missing = [...(await missingHere()), ...(await claimedByAnother())];
  if (missing.length > 0) return missing;
  const forwarded = await forwardedOf(config, namedNow(config));
  const strays = await strayServers(config, forwarded.interfaces);
  return strays.map(({ what, address, by }) => ({
    what: `${what} (${address}) is reached by ${by}, and not by ${forwarded.interfaces.join(' or ')}`,
    hint: 'Write `topology: { mode: two-armed, … }` with both interfaces, correct the routes, or write dataPlane: proxy.',
  }));
}

async function claimedByAnother(): Promise<Missing[]> {
  try {
    (await claimNetwork()).close();
    return [];
  } catch (error) {
    if (!(error instanceof PoolgateError)) throw error;
    return [{ what: 'another Poolgate runs the kernel data plane in this network', hint: error.hint }];
  }
}

/** The bridge is made later. */
function namedNow({ topology }: EffectiveConfig): string[] {
  return topology.mode === 'transparent' ? [] : planeInterfaces(topology);
}
