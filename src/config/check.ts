/** What the schema cannot see: how the parts of a config fit together. Each check is a function of the whole config. */
import type { ConfigInput } from '../model/config.ts';
import type { EffectiveConfig } from '../model/effective.ts';
import { checkAddresses } from './check-addresses.ts';
import { checkHealthChecks } from './check-health-checks.ts';
import { checkFallback } from './check-fallback.ts';
import { checkKernel } from './check-kernel.ts';
import { checkNames } from './check-names.ts';
import { checkNat } from './check-nat.ts';
import { checkOwnAddresses } from './check-own-addresses.ts';
import { checkPace } from './check-pace.ts';
import { checkPools } from './check-pools.ts';
import { checkPorts } from './check-ports.ts';
import { checkTopology } from './check-topology.ts';
import { checkUdp } from './check-udp.ts';
import { checkSnat } from './check-snat.ts';
import { localPorts } from '../lib/local-ports.ts';
import { checkRules } from '../rules/run.ts';
import type { PathProblem } from './issues.ts';
import type { SalvagedConfig } from './salvage.ts';

const CHECKS: readonly ((config: SalvagedConfig) => PathProblem[])[] = [
  checkNames,
  checkPools,
  checkPorts,
  checkAddresses,
  checkUdp,
  checkHealthChecks,
  checkSnat,
  checkTopology,
  checkNat,
  checkOwnAddresses,
];

/** Runs also on what is left of a config with errors. */
export function checkConfig(config: SalvagedConfig): PathProblem[] {
  return CHECKS.flatMap((check) => check(config));
}

/** What the numbered rules say, and what else the values in effect show. @param input the file that they came from */
export function checkInEffect(effective: EffectiveConfig, input: ConfigInput): PathProblem[] {
  return [...checkRules({ input, effective, localPorts: localPorts() }), ...checkFallback(effective)];
}

/** What is worth saying only of a config that is right otherwise: a mode that is refused also needs a data plane. */
export function checkEffective(effective: EffectiveConfig, input: ConfigInput): PathProblem[] {
  return [...checkKernel(effective), ...checkPace(effective, input)];
}
