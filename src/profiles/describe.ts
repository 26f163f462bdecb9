/** A profile in words: what the command line and its page of reference say, each value with its source. */
import { formatRange } from '../model/ports.ts';
import {
  checksOf,
  portsOf,
  type Profile,
  type ProfileCheck,
  type ProfileOption,
  type ProfilePort,
  rangeOf,
  transportOf,
} from './profile.ts';

/** A value under a name. */
export interface Setting {
  readonly setting: string;
  readonly value: string;
  readonly source: string;
}

/** `443`, `443 to 4443`, `3478/udp`, as everywhere. */
export function portText(port: ProfilePort): string {
  return formatRange(rangeOf(port));
}

/** The ports that a service has when nothing is switched, e.g. `80, 443, 3478/udp`; `named by the service`. */
export function portsText(profile: Profile): string {
  if (profile.ports.length === 0) return 'those that the service names';
  return portsOf(profile, {}).map(portText).join(', ');
}

/** `tcp 5061`, `https 443 /hosting/discovery`. */
export function checkText({ type, port, path }: ProfileCheck): string {
  return [type, port, ...(path === undefined ? [] : [path])].join(' ');
}

/** The checks that a pool has when nothing is switched. */
export function checksText(profile: Profile): string {
  const checks = checksOf(profile, {});
  if (!checks) return 'tcp, on the first TCP port of the first service';
  return checks.map(checkText).join(', ');
}

/** When a port is on the VIP, or a check made, by its option. */
export function whenText({ options }: Profile, option: string | undefined, what: 'port' | 'check'): string {
  if (option === undefined) return 'always';
  const by = (options[option] as ProfileOption | undefined)?.default;
  const isOn = by === true || (by === 'unset' && what === 'port');
  return isOn ? `unless ${option}: false` : `with ${option}: true`;
}

/** What the profile says beside ports and checks, in the order of interest. */
export function settingsOf(profile: Profile): Setting[] {
  const { nat, scheduler, idleTimeout, checkInterval, verdict, publicServers, oneVip, nagleOff } = profile;
  return [
    ...said('NAT mode', nat),
    ...refusals(profile),
    ...said('Idle timeout', idleTimeout),
    ...persistence(profile),
    ...said('Scheduler', scheduler),
    ...said('Interval of health checks', checkInterval),
    ...said('Verdict on a server', verdict),
    ...said('VIPs', oneVip && { ...oneVip, value: `all ports on one (${oneVip.rule})` }),
    ...said(
      "Servers' own addresses",
      publicServers && { ...publicServers, value: `public, translated by nobody (${publicServers.rule})` },
    ),
    ...said(
      'Nagle off on',
      nagleOff && { ...nagleOff, value: `${nagleOff.value.join(', ')} (${nagleOff.rule})` },
    ),
    ...limits(profile),
  ];
}

function said(setting: string, value: { value: unknown; source: string } | undefined): Setting[] {
  return value ? [{ setting, value: String(value.value), source: value.source }] : [];
}

function refusals({ refusedNat = {} }: Profile): Setting[] {
  return Object.entries(refusedNat).map(([mode, { rule, why, source }]) => ({
    setting: `Refuses nat: ${mode}`,
    value: `${why} (${rule})`,
    source,
  }));
}

function persistence({ ports }: Profile): Setting[] {
  const wishes = ports.flatMap((port) => (port.persistence ? [{ port, wish: port.persistence }] : []));
  const groups = Map.groupBy(wishes, ({ wish }) => `${wish.value} (${wish.rule})\n${wish.source}`);
  return [...groups].map(([key, group]) => {
    const [value = '', source = ''] = key.split('\n');
    return { setting: `Persistence on ${group.map(({ port }) => portText(port)).join(', ')}`, value, source };
  });
}

function limits({ limits: own }: Profile): Setting[] {
  const { idleAtLeast, intervalAtLeast, checkOneOf = [] } = own ?? {};
  return [
    ...said(
      'Warns below an idle timeout of',
      idleAtLeast && { ...idleAtLeast, value: `${idleAtLeast.value} (${idleAtLeast.rule})` },
    ),
    ...said(
      'Warns below a check interval of',
      intervalAtLeast && { ...intervalAtLeast, value: `${intervalAtLeast.value} (${intervalAtLeast.rule})` },
    ),
    ...checkOneOf.flatMap((one) =>
      said('Warns without a check of', { ...one, value: `${one.value.join(' or ')} (${one.rule})` }),
    ),
  ];
}

/** What goes to servers themselves: `8057`, `50000-59999/udp`. */
export function directText(direct: NonNullable<Profile['neverBalanced']>[number]): string {
  const { port, portEnd = port } = direct;
  return formatRange({ protocol: transportOf(direct), first: port, last: portEnd, serverFirst: port });
}
