/** The topology's part of plan.ts. All of it takes a restart. */
import { formatCidr } from '../model/cidr.ts';
import type { EffectiveTopology } from '../model/effective.ts';
import type { PlanStep } from '../state/contract.ts';
import { changed } from './plan-step.ts';
import { ruleText } from './resolve-topology.ts';

export function planTopology(prev: EffectiveTopology, next: EffectiveTopology): PlanStep[] {
  const [before, after] = [valuesOf(prev), valuesOf(next)];
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((key) =>
    changed(`topology / ${key}`, before.get(key) ?? null, after.get(key) ?? null, { applies: 'restart' }),
  );
}

/** By the file's keys; what has no value is left out. */
function valuesOf(topology: EffectiveTopology): ReadonlyMap<string, string> {
  const { mode, keepAtStop } = topology;
  const values: [string, string | null][] = [
    ['mode', mode],
    ['keepAtStop', String(keepAtStop)],
  ];
  if (mode === 'one-armed') values.push(['interface', topology.interface]);
  if (mode === 'two-armed') {
    const { clientInterface, serverInterface, serverAddress, routing, filter } = topology;
    values.push(
      ['clientInterface', clientInterface],
      ['serverInterface', serverInterface],
      ['serverAddress', serverAddress && formatCidr(serverAddress)],
      ['routing', String(routing)],
      ['filter', filter.length === 0 ? null : filter.map(ruleText).join('; ')],
    );
  }
  if (mode === 'transparent') {
    const { bridgePorts, serverAddress, gateway } = topology;
    values.push(
      ['bridgePorts', bridgePorts.join(', ')],
      ['serverAddress', formatCidr(serverAddress)],
      ['gateway', gateway],
    );
  }
  return new Map(values.filter((entry): entry is [string, string] => entry[1] !== null));
}
