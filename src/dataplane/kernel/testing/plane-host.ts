/**
 * For tests: a kernel data plane in the namespace that this runs in, which does as the parent says over the channel. Ends
 * with its parent, or is killed and leaves all in the kernel.
 */
import type { DataPlane } from '../../dataplane.ts';
import { createKernelPlane, type KernelPlaneOptions } from '../plane.ts';

type Method = 'apply' | 'counters' | 'connections' | 'sourceUse' | 'systemPorts' | 'reset' | 'close';

/** What the parent sends: first of all `start`. */
export interface Asked {
  readonly id: number;
  readonly what: Method | 'start' | 'adopted';
  readonly argument: unknown;
}

const onTrouble = (message: string): void => void process.stderr.write(`trouble: ${message}\n`);

let plane: (DataPlane & { readonly adopted?: boolean }) | null = null;

async function answer({ what, argument }: Asked): Promise<unknown> {
  if (what === 'start') {
    const options = argument as Omit<KernelPlaneOptions, 'onTrouble'>;
    plane = await createKernelPlane({ ...options, onTrouble });
    return null;
  }
  if (!plane) throw new Error('no plane was started');
  if (what === 'adopted') return plane.adopted;
  return (plane[what] as (argument: unknown) => unknown).call(plane, argument);
}

process.on('message', (asked: Asked) => {
  answer(asked).then(
    (result) => process.send?.({ id: asked.id, result }),
    (error: Error) => process.send?.({ id: asked.id, error: String(error.stack) }),
  );
});
process.on('disconnect', () => process.exit());
process.send?.({ id: 0, result: null });
