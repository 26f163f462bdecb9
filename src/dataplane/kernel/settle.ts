import { MEMBARRIER_CMD_GLOBAL, sys } from '../proxy/libc.ts';

/** Waits until no CPU is in a program that still saw the maps as they were (RCU; membarrier(2)). */
export function settle(): void {
  sys.membarrier(MEMBARRIER_CMD_GLOBAL);
}
