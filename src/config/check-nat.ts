/** NAT modes: where half-NAT and direct server return can work, and with which profiles they cannot. */
import { SCHEMA_DEFAULTS } from '../model/schema-defaults.ts';
import type { VirtualServiceInput } from '../model/virtual-service.ts';
import { findProfile } from '../profiles/profiles.ts';
import { type PathProblem, problem } from './issues.ts';
import { portSpans, type Span } from './port-spans.ts';
import type { Salvaged, SalvagedConfig } from './salvage.ts';

type Service = Salvaged<VirtualServiceInput>;
type Path = readonly ['virtualServices', number, 'nat'];

const FULL = 'Write `nat: full`: servers see the balancer as the source.';

export function checkNat(config: SalvagedConfig): PathProblem[] {
  const spans = portSpans(config);
  return (config.virtualServices ?? []).flatMap((service, i) => {
    const path = ['virtualServices', i, 'nat'] as const;
    if (service?.nat === 'half') return half(config, service, path);
    if (service?.nat !== 'none') return [];
    return direct(
      config,
      service,
      path,
      spans.filter((s) => s.service === i),
    );
  });
}

function modeOf({ topology }: SalvagedConfig): string {
  return topology?.mode ?? SCHEMA_DEFAULTS.topologyMode;
}

function half(config: SalvagedConfig, service: Service, path: Path): PathProblem[] {
  const refused = byProfile(config, service, 'half', path);
  if (refused.length > 0) return refused;
  const mode = modeOf(config);
  if (mode !== 'two-armed') {
    const message = `With half-NAT in the ${mode} topology servers would answer clients past the balancer, and no connection would come about.`;
    const hint = `${FULL.slice(0, -1)}; or write \`topology: { mode: two-armed, … }\` with the balancer as the servers' default gateway.`;
    return [problem('CONFIG_NAT', path, 'value', message, hint)];
  }
  return sources(service, path, 'half-NAT');
}

function direct(config: SalvagedConfig, service: Service, path: Path, spans: readonly Span[]): PathProblem[] {
  const refused = byProfile(config, service, 'none', path);
  if (refused.length > 0) return refused;
  const mode = modeOf(config);
  if (mode !== 'one-armed') {
    const message = `Direct server return works in the one-armed topology alone, not in the ${mode} one.`;
    return [problem('CONFIG_NAT', path, 'value', message, FULL)];
  }
  const mapped = spans.find(({ range }) => range.serverFirst !== range.first);
  if (mapped) {
    const message = `With direct server return nobody rewrites ports, and port ${mapped.range.first} is mapped to ${mapped.range.serverFirst}.`;
    const hint = 'Leave out `serverPort` and let the servers have the port of the VIP, or write `nat: full`.';
    return [problem('CONFIG_NAT', mapped.path, 'value', message, hint)];
  }
  return sources(service, path, 'direct server return');
}

function byProfile(
  config: SalvagedConfig,
  service: Service,
  mode: 'half' | 'none',
  path: Path,
): PathProblem[] {
  const pool = config.pools?.find((p) => p?.name !== undefined && p.name === service.pool);
  const profile = pool?.profile === undefined ? null : findProfile(pool.profile);
  const refusal = profile?.refusedNat?.[mode];
  if (!profile || !refusal) return [];
  const what = mode === 'half' ? 'Half-NAT' : 'Direct server return';
  const message = `${what} is refused for \`${profile.name}\`: ${refusal.why}.`;
  return [{ ...problem(refusal.rule, path, 'value', message, FULL), source: refusal.source }];
}

function sources({ snatPool }: Service, [list, i]: Path, what: string): PathProblem[] {
  if (!snatPool) return [];
  const message = `With ${what} clients keep their own address, so \`snatPool\` is not used.`;
  return [
    problem('CONFIG_NAT', [list, i, 'snatPool'], 'key', message, 'Leave it out, or write `nat: full`.'),
  ];
}
