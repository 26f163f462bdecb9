/** What passes between the two arms beside connections through a VIP. */
import { isIPv6 } from 'node:net';
import type { EffectiveTopology, FilterRule } from '../../../model/effective.ts';
import type { Page } from '../page.ts';

export function writeForwarding(page: Page, topology: EffectiveTopology): void {
  if (topology.mode !== 'two-armed') return;
  const { routing, filter, clientInterface, serverInterface } = topology;
  if (routing && filter.length === 0) return;
  const ours = `{ ${quoted(clientInterface)}, ${quoted(serverInterface)} }`;
  page.block(
    'chain forward {',
    () => {
      page.line('type filter hook forward priority filter; policy accept;');
      page.line(`iifname != ${ours} accept`);
      page.line('ct state established,related accept');
      page.line('ct status dnat accept');
      for (const rule of routing ? filter : []) page.line(`${ruleWords(rule)} accept`);
      page.line('drop');
    },
    '}',
  );
}

/** Interfaces may have any name; one with a quote or an end of line in it cannot be written, and fits nothing. */
function quoted(name: string): string {
  return `"${name.replaceAll(/["\\*\s]/g, '?')}"`;
}

function ruleWords({ from, to, protocol, ports }: FilterRule): string {
  const words = [
    from === null ? '' : `${family(from)} saddr ${from}`,
    to === null ? '' : `${family(to)} daddr ${to}`,
  ];
  if (protocol === 'icmp') words.push('meta l4proto { icmp, ipv6-icmp }');
  else if (ports === null) words.push(protocol === null ? '' : `meta l4proto ${protocol}`);
  else {
    const span = ports.first === ports.last ? `${ports.first}` : `${ports.first}-${ports.last}`;
    words.push(
      protocol === null ? `meta l4proto { tcp, udp } th dport ${span}` : `${protocol} dport ${span}`,
    );
  }
  return words.filter((word) => word !== '').join(' ');
}

/** @param network an address, or one with its prefix */
function family(network: string): 'ip' | 'ip6' {
  return isIPv6(network.split('/')[0] ?? '') ? 'ip6' : 'ip';
}
