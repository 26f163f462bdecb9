/** Fallbacks that cannot help: of another kind than the service, or one of the servers that are gone. */
import type { EffectiveConfig, EffectivePool } from '../model/effective.ts';
import type { ProfilePort } from '../profiles/profile.ts';
import { findProfile } from '../profiles/profiles.ts';
import { type PathProblem, problem } from './issues.ts';

/** As IANA has them, where no profile says what is spoken. */
const SIP_PORTS = [5060, 5061];
/** What everybody takes for a web page, so that no other meaning can be meant. */
const WEB_PORTS = [80, 443, 8000, 8008, 8080, 8081, 8443, 8888];

export function checkFallback(config: EffectiveConfig): PathProblem[] {
  return [...ofAnotherKind(config), ...ofThePool(config)];
}

function ofThePool({ pools }: EffectiveConfig): PathProblem[] {
  return pools.flatMap(({ fallback, realServers }, i) => {
    const server = realServers.find(({ address }) => address === fallback?.address);
    if (!server || fallback?.port !== null) return [];
    const message = `The fallback is the server \`${server.name}\` of this pool: while no server is up, it is not either.`;
    const hint = 'Name another machine, or leave `fallback` out.';
    const path = ['pools', i, 'fallback', 'address'];
    return [{ ...problem('CONFIG_DUPLICATE_ADDRESS', path, 'value', message, hint), severity: 'warning' }];
  });
}

/** A page that says sorry cannot be read by a SIP client. */
function ofAnotherKind({ pools, services }: EffectiveConfig): PathProblem[] {
  return pools.flatMap((pool, i) => {
    const port = pool.fallback?.port ?? null;
    const ranges = services.filter((s) => s.pool === pool.name).flatMap((s) => s.ports);
    const sip = sipPorts(pool).find((p) =>
      ranges.some((r) => r.protocol === 'tcp' && r.first <= p && p <= r.last),
    );
    if (port === null || sip === undefined || sipPorts(pool).includes(port)) return [];
    const message = `Clients of port ${sip} speak SIP, and the fallback would lead them to port ${port}${WEB_PORTS.includes(port) ? ', which is of the web' : ', which is none of SIP'}.`;
    const hint =
      'Leave `fallback` out: while no server is up connections are refused at once. Or leave out its `port`, if it is a SIP server that listens on the ports of the VIP.';
    const found = problem('CONFIG_FALLBACK_PORT', ['pools', i, 'fallback', 'port'], 'value', message, hint);
    // Without a profile the port's number is all that speaks for SIP; and another port may be SIP for all that we know.
    const isCertain = hasPorts(pool) && WEB_PORTS.includes(port);
    return [isCertain ? found : { ...found, severity: 'warning' }];
  });
}

function portsOf({ profile }: EffectivePool): readonly ProfilePort[] {
  return (profile === null ? null : findProfile(profile))?.ports ?? [];
}

function hasPorts(pool: EffectivePool): boolean {
  return portsOf(pool).length > 0;
}

function sipPorts(pool: EffectivePool): number[] {
  if (!hasPorts(pool)) return SIP_PORTS;
  return portsOf(pool)
    .filter(({ protocol }) => protocol === 'sip' || protocol === 'sips')
    .map(({ port }) => port);
}
