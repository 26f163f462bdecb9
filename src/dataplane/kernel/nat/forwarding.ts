/** What may be forwarded beside our own connections (topology.routing and topology.filter). */
import {
  accept,
  drop,
  type Expression,
  equal,
  familyName,
  field,
  meta,
  network,
  oneOf,
  ports,
  state,
  TCP_AND_UDP,
} from './expressions.ts';
import type { Forwarding, ForwardRule } from './translation.ts';

export function forwardRules(forwarding: Forwarding): Expression[][] {
  if (forwarding.allow === 'all') return [];
  // Only what goes from one of our interfaces to one of ours: what passes between others is not ours to judge.
  const names = oneOf(forwarding.interfaces);
  const last = [meta('iifname', names), meta('oifname', names), drop];
  if (forwarding.allow === 'nothing') return [last];
  return [[state('established', 'related'), accept], ...forwarding.rules.flatMap(allow), last];
}

/** One rule for each family that it fits: `icmp` is another protocol in IPv6. */
function allow(rule: ForwardRule): Expression[][] {
  const places = [rule.from, rule.to].filter((place) => place !== undefined);
  const families = new Set(places.map(familyName));
  // From one family to the other nothing is ever forwarded.
  if (families.size > 1) return [];
  const [only] = families;
  const where: Expression[] = [];
  if (only && rule.from !== undefined) where.push(equal(field(only, 'saddr'), network(rule.from)));
  if (only && rule.to !== undefined) where.push(equal(field(only, 'daddr'), network(rule.to)));
  return protocolsOf(rule).map((what) => [...where, ...what, accept]);
}

function protocolsOf({ protocol, ports: range }: ForwardRule): Expression[][] {
  if (protocol === 'icmp') return [[meta('l4proto', oneOf(['icmp', 'ipv6-icmp']))]];
  const destination = range === undefined ? [] : [equal(field('th', 'dport'), ports(range))];
  if (protocol !== undefined) return [[meta('l4proto', protocol), ...destination]];
  return [range === undefined ? [] : [TCP_AND_UDP, ...destination]];
}
