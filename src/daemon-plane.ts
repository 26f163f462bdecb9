/** The data plane with what it stands on: started before the controller, and taken away after it. */
import { planeInterfaces, planeNetwork } from './cli/kernel-options.ts';
import type { DataPlane } from './dataplane/dataplane.ts';
import { removeLeftovers } from './dataplane/kernel/leftovers.ts';
import { leavePlaces, placesOf, preparePlaces } from './dataplane/kernel/places.ts';
import { missingHere } from './dataplane/kernel/machine.ts';
import type { Missing } from './dataplane/kernel/requirements.ts';
import { createProxyPlane, type ProxyPlaneOptions } from './dataplane/proxy/plane.ts';
import { createKernelPlane } from './dataplane/kernel/plane.ts';
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

/** @throws PoolgateError INTERFACE_MISSING, INTERFACE_BUSY, SYSTEM; what was there before is as it was */
export async function startKernelPlane({ config, stateDir, onTrouble }: PlaneParts): Promise<StartedPlane> {
  const { topology } = config;
  const ground = new Ground({ stateDir, warn: onTrouble });
  await ground.lay(topology);
  try {
    const places = await preparePlaces(stateDir);
    const forwarded = await forwardedOf(config, planeInterfaces(topology));
    const network = planeNetwork(topology, forwarded.interfaces, wasClosed(ground.plan(forwarded)));
    // Before the programs and the table are there nothing is forwarded, and after they are gone neither.
    const beforeRelease = () => ground.stopForwarding();
    const plane = await createKernelPlane({ ...network, ...places, onTrouble, beforeRelease });
    await ground.forward(forwarded);
    return {
      plane,
      close: async () => {
        await ground.close(topology.keepAtStop);
        leavePlaces(places);
      },
    };
  } catch (error) {
    await ground.close(topology.keepAtStop);
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
    if (await removeLeftovers(placesOf(stateDir)))
      onTrouble('An earlier run left a kernel data plane behind; it was removed.');
    const ground = new Ground({ stateDir, warn: onTrouble });
    await ground.lay(config.topology);
    await ground.close(false);
  } catch (error) {
    onTrouble(error instanceof Error ? error.message : String(error));
  }
}

/** What this machine and its network lack for the kernel data plane; empty where it can run. */
export async function missingFor(config: EffectiveConfig): Promise<readonly Missing[]> {
  const missing = await missingHere();
  if (missing.length > 0) return missing;
  const forwarded = await forwardedOf(config, namedNow(config));
  const strays = await strayServers(config, forwarded.interfaces);
  return strays.map(({ what, address, by }) => ({
    what: `${what} (${address}) is reached by ${by}, and not by ${forwarded.interfaces.join(' or ')}`,
    hint: 'Write `topology: { mode: two-armed, … }` with both interfaces, correct the routes, or write dataPlane: proxy.',
  }));
}

/** The bridge is made later. */
function namedNow({ topology }: EffectiveConfig): string[] {
  return topology.mode === 'transparent' ? [] : planeInterfaces(topology);
}
