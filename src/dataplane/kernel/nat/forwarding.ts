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
  unequal,
} from './expressions.ts';
import type { Closed, Forwarding, ForwardRule } from './translation.ts';

export function forwardRules(forwarding: Forwarding): Expression[][] {
  return [...(forwarding.closed ? closedRules(forwarding.closed) : []), ...betweenOurs(forwarding)];
}

/** From our interfaces to others, and for IPv6 before Linux 6.17, whose switch is the machine's, from others too. */
function closedRules({ interfaces, ipv4, ipv6 }: Closed): Expression[][] {
  const [four, six] = [meta('nfproto', 'ipv4'), meta('nfproto', 'ipv6')];
  const ours = oneOf(interfaces);
  const elsewhere = unequal({ meta: { key: 'oifname' } }, ours);
  const from = (names: readonly string[], family: Expression): Expression[][] =>
    names.length === 0 ? [] : [[family, meta('iifname', oneOf(names)), elsewhere, drop]];
  if (ipv6 !== 'machine') return [...from(ipv4, four), ...from(ipv6, six)];
  const strange = unequal({ meta: { key: 'iifname' } }, ours);
  return [...from(ipv4, four), [six, strange, drop], [six, elsewhere, drop]];
}

function betweenOurs(forwarding: Forwarding): Expression[][] {
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
