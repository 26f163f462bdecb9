/**
 * The table's chains. Every forwarded packet pays for each chain at its hooks, so there is one of them on its way; those
 * of type nat are asked only by the first packet of a connection. Priorities (netfilter(7) orders chains of a hook by
 * them, lowest first):
 *
 * - TC ingress, where the mark is set, comes before all of netfilter.
 * - `choose` at -101 and `source` at 99 stand one before dstnat (-100) and srcnat (100), where containers and
 *   firewalld have theirs: the first chain that translates a connection has decided. A container that publishes a port
 *   on all addresses would otherwise take it from the VIP, and a masquerade would take the place of our source.
 * - `forward` at 0. Accepting here binds nobody else's chain: a table that drops forwarded traffic by its policy drops
 *   ours too, and is to be told of our connections by `ct mark and 0xff000000 == 0x50000000`.
 * - `input` at -150: what comes to a VIP and was not translated is for this machine as the kernel sees it, and we judge
 *   it before a firewall does.
 * - `output` at -300 stands before conntrack, which is to leave our own resets alone.
 */
import {
  accept,
  ctMark,
  drop,
  type Expression,
  equal,
  field,
  goTo,
  lookup,
  masked,
  meta,
  metaMark,
  OURS,
  oneOf,
  ports,
  state,
  TCP_AND_UDP,
  unequal,
} from './expressions.ts';
import { forwardRules } from './forwarding.ts';
import { addressSet, FAMILIES, sourceGroups, TARGET_PORTS, targetMap, timeoutMap } from './maps.ts';
import { MARK, MARK_MASK, REJECT_MARK, RESET_MARK, SOURCE_MASK, TARGET_MASK } from './mark.ts';
import { policiesOf } from './timeouts.ts';
import type { Translation } from './translation.ts';

export interface Chain {
  readonly name: string;
  /** Null: only called by others. */
  readonly hook: { readonly type: 'filter' | 'nat'; readonly at: string; readonly priority: number } | null;
  readonly rules: readonly (readonly Expression[])[];
}

export function chainsOf(translation: Translation): Chain[] {
  return [
    ...policiesOf(translation).map(({ name }) => ({ name, hook: null, rules: [[{ 'ct timeout': name }]] })),
    { name: 'refuse', hook: null, rules: refuse() },
    { name: 'faulty', hook: null, rules: faulty() },
    { name: 'choose', hook: { type: 'nat', at: 'prerouting', priority: -101 }, rules: choose() },
    {
      name: 'forward',
      hook: { type: 'filter', at: 'forward', priority: 0 },
      rules: forward(translation),
    },
    { name: 'input', hook: { type: 'filter', at: 'input', priority: -150 }, rules: strays() },
    { name: 'source', hook: { type: 'nat', at: 'postrouting', priority: 99 }, rules: source(translation) },
    { name: 'output', hook: { type: 'filter', at: 'output', priority: -300 }, rules: output(translation) },
  ];
}

/** Packets that are not translated: they meet a chain where the kernel delivers them, or where it forwards them. */
function strays(): Expression[][] {
  return [
    [equal(metaMark, REJECT_MARK), goTo('refuse')],
    [state('invalid'), goTo('faulty')],
  ];
}

function refuse(): Expression[][] {
  return [
    [meta('l4proto', 'tcp'), { reject: { type: 'tcp reset' } }],
    // As the proxy plane does with datagrams that it cannot place: an ICMP error for each would let a spoofed source
    // turn us against somebody.
    [drop],
  ];
}

/**
 * What conntrack finds invalid (such as a number outside the window) is not translated; to a VIP, it would come to this
 * machine itself, which knows no such connection and would reset a living one.
 */
function faulty(): Expression[][] {
  return FAMILIES.map((family) => [
    meta('l4proto', 'tcp'),
    equal(field(family, 'daddr'), `@${addressSet(family)}`),
    drop,
  ]);
}

/** Later packets of a connection do not come here: conntrack translates them by what the first one was told. */
function choose(): Expression[][] {
  const key = masked(metaMark, TARGET_MASK);
  const to = (family: (typeof FAMILIES)[number]) => ({ family, addr: lookup(key, targetMap(family)) });
  return [
    [unequal(masked(metaMark, MARK_MASK), MARK), accept],
    // Here, before somebody behind us finds a use for it.
    [equal(metaMark, REJECT_MARK), goTo('refuse')],
    [{ mangle: { key: ctMark, value: metaMark } }],
    ...FAMILIES.map((family) => [
      {
        vmap: {
          key: { concat: [field(family, 'daddr'), { meta: { key: 'l4proto' } }, field('th', 'dport')] },
          data: `@${timeoutMap(family)}`,
        },
      },
    ]),
    // Two lookups and not one map to address and port: nft 1.0.6 makes a plain set of such a map in JSON.
    ...FAMILIES.map((family) => [TCP_AND_UDP, { dnat: { ...to(family), port: lookup(key, TARGET_PORTS) } }]),
    ...FAMILIES.map((family) => [{ dnat: to(family) }]),
    // A target that this table does not have yet, or not any more. Nothing said, the client asks again in a second.
    [drop],
  ];
}

/** By the connection's mark: others may have changed that of the packet on its way here. */
function source(translation: Translation): Expression[][] {
  const key = masked(ctMark, SOURCE_MASK);
  return [
    ...sourceGroups(translation).map(({ map, family, ports: range }) => {
      const addr = lookup(key, map);
      return range === null
        ? [OURS, { snat: { family, addr } }]
        : [OURS, TCP_AND_UDP, { snat: { family, addr, port: ports(range) } }];
    }),
    // Half-NAT: translated to what it is, and so decided, before a masquerade behind us decides otherwise.
    ...FAMILIES.map((family) => [
      equal(masked(ctMark, MARK_MASK + SOURCE_MASK), MARK),
      meta('nfproto', family === 'ip' ? 'ipv4' : 'ipv6'),
      { snat: { family, addr: field(family, 'saddr') } },
    ]),
    [OURS, drop],
  ];
}

/**
 * Every forwarded packet goes through here. Our connections need to be accepted only before what may drop them. A packet
 * to be refused comes by where its addresses had a connection before, a faulty one where the VIP is another machine's.
 */
function forward({ forwarding }: Translation): Expression[][] {
  const others = forwardRules(forwarding);
  const ours = [...strays(), clampSegments()];
  return others.length === 0 ? ours : [...ours, [OURS, accept], ...others];
}

/**
 * Both SYNs of our connections: an end that hears of no smaller segments counts on path-MTU discovery to work. The
 * flags come first, because hardly a packet has them.
 */
function clampSegments(): Expression[] {
  return [
    equal({ '&': [field('tcp', 'flags'), ['syn', 'rst']] }, 'syn'),
    OURS,
    { mangle: { key: { 'tcp option': { name: 'maxseg', field: 'size' } }, value: { rt: { key: 'mtu' } } } },
  ];
}

function output({ noRedirects }: Translation): Expression[][] {
  const untracked: Expression[] = [equal(metaMark, RESET_MARK), { notrack: null }];
  if (noRedirects.length === 0) return [untracked];
  const there = meta('oifname', oneOf(noRedirects));
  // IPv4 needs no such rule: there the kernel sends no redirect for what it translates.
  return [untracked, [there, equal(field('icmpv6', 'type'), 'nd-redirect'), drop]];
}
