/** NAT modes: where half-NAT and direct server return can work. With which profiles they cannot is a matter of rules. */
import { SCHEMA_DEFAULTS } from '../model/schema-defaults.ts';
import type { VirtualServiceInput } from '../model/virtual-service.ts';
import type { Profile } from '../profiles/profile.ts';
import { findProfile } from '../profiles/profiles.ts';
import { type PathProblem, problem } from './issues.ts';
import { portSpans, type Span } from './port-spans.ts';
import type { Salvaged, SalvagedConfig } from './salvage.ts';

type Service = Salvaged<VirtualServiceInput>;
type Path = readonly ['virtualServices', number, 'nat'];

const FULL = 'Write `nat: full`: servers see the balancer as the source.';
const TWO_ARMED = "`topology: { mode: two-armed, … }` with the balancer as the servers' default gateway";

export function checkNat(config: SalvagedConfig): PathProblem[] {
  const spans = portSpans(config);
  return (config.virtualServices ?? []).flatMap((service, i) => {
    const path = ['virtualServices', i, 'nat'] as const;
    if (!service) return [];
    const profile = profileOf(config, service);
    // A mode that is not one was reported, and what it should have been is not known.
    const mode = service.nat ?? (Object.hasOwn(service, 'nat') ? 'full' : profile?.nat?.value);
    // A rule says so (src/rules), and where it would work does not matter then.
    if (mode !== undefined && profile?.refusedNat?.[mode]) return [];
    if (mode === 'half') return half(config, service, path, profile);
    if (mode !== 'none') return [];
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

function half(config: SalvagedConfig, service: Service, path: Path, profile: Profile | null): PathProblem[] {
  const mode = modeOf(config);
  if (mode !== 'two-armed') {
    const what =
      service.nat === undefined ? `With half-NAT, which \`${profile?.name}\` has,` : 'With half-NAT';
    const message = `${what} in the ${mode} topology servers would answer clients past the balancer, and no connection would come about.`;
    const hint = profile?.refusedNat?.full
      ? `Write ${TWO_ARMED}.`
      : `${FULL.slice(0, -1)}; or write ${TWO_ARMED}.`;
    return [problem('CONFIG_NAT', path, 'value', message, hint)];
  }
  return sources(service, path, 'half-NAT', profile);
}

function direct(config: SalvagedConfig, service: Service, path: Path, spans: readonly Span[]): PathProblem[] {
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

function profileOf(config: SalvagedConfig, service: Service): Profile | null {
  const pool = config.pools?.find((p) => p?.name !== undefined && p.name === service.pool);
  return pool?.profile === undefined ? null : findProfile(pool.profile);
}

function sources(
  { snatPool }: Service,
  [list, i]: Path,
  what: string,
  profile: Profile | null = null,
): PathProblem[] {
  if (!snatPool) return [];
  const message = `With ${what} clients keep their own address, so \`snatPool\` is not used.`;
  const hint = profile?.refusedNat?.full ? 'Leave it out.' : 'Leave it out, or write `nat: full`.';
  return [problem('CONFIG_NAT', [list, i, 'snatPool'], 'key', message, hint)];
}
