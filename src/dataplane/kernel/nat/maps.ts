/** The table's maps and sets: everything that grows with the config, so that each packet costs the same few rules. */
import { familyName, type Json, ports } from './expressions.ts';
import { policyOf } from './timeouts.ts';
import type { PortRange, Source, Translation } from './translation.ts';

/** A set, or, with `map`, a map to values of that type. */
export interface NamedSet {
  readonly name: string;
  readonly type: Json;
  readonly map?: string;
  readonly flags?: readonly string[];
  readonly elements: readonly Json[];
}

export const FAMILIES = ['ip', 'ip6'] as const;
export type FamilyName = (typeof FAMILIES)[number];

const ADDRESS_TYPE = { ip: 'ipv4_addr', ip6: 'ipv6_addr' } as const satisfies Record<FamilyName, string>;

/** Sources that have a port range in common: the range of a translation cannot come from a map, the address can. */
export interface SourceGroup {
  readonly map: string;
  readonly family: FamilyName;
  readonly ports: PortRange | null;
  readonly sources: readonly Source[];
}

export const TARGET_PORTS = 'target_ports';
export const targetMap = (family: FamilyName): string => `targets_${family}`;
export const addressSet = (family: FamilyName): string => `addresses_${family}`;
export const timeoutMap = (family: FamilyName): string => `timeouts_${family}`;

export function setsOf(translation: Translation): NamedSet[] {
  return [
    ...FAMILIES.flatMap((family) => [
      targetAddresses(translation, family),
      ownAddresses(translation, family),
      timeoutChoice(translation, family),
    ]),
    {
      name: TARGET_PORTS,
      type: 'mark',
      map: 'inet_service',
      elements: translation.targets.flatMap(({ number, port }) => (port === null ? [] : [[number, port]])),
    },
    ...sourceGroups(translation).map(({ map, family, sources }) => ({
      name: map,
      type: 'mark',
      map: ADDRESS_TYPE[family],
      elements: sources.map(({ number, address }) => [number * 0x10000, address]),
    })),
  ];
}

function targetAddresses({ targets }: Translation, family: FamilyName): NamedSet {
  return {
    name: targetMap(family),
    type: 'mark',
    map: ADDRESS_TYPE[family],
    elements: targets
      .filter(({ address }) => familyName(address) === family)
      .map(({ number, address }) => [number, address]),
  };
}

/** VIPs and sources: what comes to one of these belongs to a connection that we translate, or to nobody. */
function ownAddresses({ services, sources }: Translation, family: FamilyName): NamedSet {
  const all = new Set([...services.map(({ vip }) => vip), ...sources.map(({ address }) => address)]);
  const elements = [...all].filter((address) => familyName(address) === family);
  return { name: addressSet(family), type: ADDRESS_TYPE[family], elements };
}

/** Chains by VIP, protocol and port. A port of a range is not an element of its own: ranges may have thousands. */
function timeoutChoice({ services }: Translation, family: FamilyName): NamedSet {
  const here = services.filter(({ vip }) => familyName(vip) === family);
  return {
    name: timeoutMap(family),
    type: [ADDRESS_TYPE[family], 'inet_proto', 'inet_service'],
    map: 'verdict',
    flags: ['interval'],
    elements: here.map(({ vip, protocol, ports: range, idleS }) => [
      { concat: [vip, protocol, ports(range)] },
      { jump: { target: policyOf(protocol, idleS).name } },
    ]),
  };
}

export function sourceGroups({ sources }: Translation): SourceGroup[] {
  const groups = new Map<string, SourceGroup>();
  for (const source of sources) {
    const family = familyName(source.address);
    const range = source.ports;
    const map = `sources_${family}_${range ? `${range.first}_${range.last}` : 'any'}`;
    const others = groups.get(map)?.sources ?? [];
    groups.set(map, { map, family, ports: range, sources: [...others, source] });
  }
  return [...groups.values()];
}
