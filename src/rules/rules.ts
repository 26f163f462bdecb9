/** The table of all rules, in the order of their numbers. R46 to R49 do not exist. */
import { ADDRESS_RULES } from './data/addresses.ts';
import { CHOICE_RULES } from './data/choice.ts';
import { HEALTH_RULES } from './data/health.ts';
import { LYNC_RULES } from './data/lync.ts';
import { NAT_RULES } from './data/nat.ts';
import { OPERATION_RULES } from './data/operations.ts';
import { SERVER_RULES } from './data/servers.ts';
import { TIMEOUT_RULES } from './data/timeouts.ts';
import type { Rule } from './rule.ts';

export const RULES: readonly Rule[] = [
  ...ADDRESS_RULES,
  ...CHOICE_RULES,
  ...TIMEOUT_RULES,
  ...HEALTH_RULES,
  ...NAT_RULES,
  ...SERVER_RULES,
  ...OPERATION_RULES,
  ...LYNC_RULES,
];

/** @param id in either case */
export function findRule(id: string): Rule | null {
  return RULES.find((rule) => rule.id === id.toUpperCase()) ?? null;
}
