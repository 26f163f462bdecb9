/**
 * Data planes know persistence for whole services. A service of which only some ports are to have it, as a profile may
 * want, is therefore run as two on the same VIP: itself, and one with these ports, named after it.
 */
import type { EffectiveConfig, EffectiveService, PortRange } from '../model/effective.ts';

/** Names in a file have no colon, so that none is the same; HAProxy, to which configs are exported, allows one. */
const SUFFIX = ':source-ip';

/** @param config with a service for each one in the file */
export function divideServices(config: EffectiveConfig): EffectiveConfig {
  return { ...config, services: config.services.flatMap(divide) };
}

/** The name that the file has for a service, divided or not. */
export function nameInFile({ name }: EffectiveService): string {
  return name.endsWith(SUFFIX) ? name.slice(0, -SUFFIX.length) : name;
}

function divide(service: EffectiveService): EffectiveService[] {
  const { persistence } = service;
  if (!persistence?.ports) return [service];
  const { ports, timeoutMs, maxEntries } = persistence;
  return [
    { ...service, ports: service.ports.filter((range) => !has(ports, range)), persistence: null },
    { ...service, name: `${service.name}${SUFFIX}`, ports, persistence: { timeoutMs, maxEntries } },
  ];
}

function has(ports: readonly PortRange[], range: PortRange): boolean {
  return ports.some((p) => p.protocol === range.protocol && p.first === range.first);
}
