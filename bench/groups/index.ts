import type { Group, GroupName } from './group.ts';
import { loopback } from './loopback.ts';
import { network } from './network.ts';

/** Every group, in the order in which they run. */
export const GROUPS = { loopback, network } as const satisfies Record<GroupName, Group>;
export const GROUP_NAMES = Object.keys(GROUPS) as GroupName[];
