/** `vrrp_instance`: where the addresses are; that they move to another machine has no equivalent. */
import { parseAddress } from '../../../model/address.ts';
import type { At, DraftSection } from '../draft.ts';
import type { Report } from '../report.ts';
import { lastLineOf, type Statement } from './blocks.ts';

interface Held {
  readonly address: string;
  readonly interface: string;
  readonly line: number;
}

const MOST = 1024;

export function readVrrp(statements: readonly Statement[], report: Report): Held[] {
  return statements
    .filter((s) => s.words[0] === 'vrrp_instance')
    .slice(0, MOST)
    .flatMap((instance) => {
      const label = instance.words.join(' ');
      const message =
        'Another machine takes the addresses when this one fails: that has no equivalent. Poolgate adds the VIPs to this machine alone. ' +
        `All of it, to line ${lastLineOf(instance)}.`;
      report.add('missing', { line: instance.line, section: label, text: label }, message, {
        hint: 'Keep the standby machine switched off, or its Poolgate stopped, until it is needed.',
      });
      return heldBy(instance);
    });
}

function heldBy({ block }: Statement): Held[] {
  const own = block?.find((s) => s.words[0] === 'interface')?.words[1] ?? '';
  const lists = (block ?? []).filter((s) => s.words[0]?.startsWith('virtual_ipaddress'));
  return lists
    .flatMap((list) => list.block ?? [])
    .slice(0, MOST)
    .flatMap(({ words, line }) => {
      const parsed = parseAddress((words[0] ?? '').replace(/\/\d+$/, ''));
      const at = words.indexOf('dev');
      const name = at < 0 ? own : (words[at + 1] ?? own);
      return parsed.ok && /^[\w.@-]{1,15}$/.test(name)
        ? [{ address: parsed.address, interface: name, line }]
        : [];
    });
}

/** The one interface that has all VIPs; null when there is none, or several. */
export function interfaceOf(
  held: readonly Held[],
  sections: readonly DraftSection[],
  report: Report,
): At<string> | null {
  const vips = new Set(sections.flatMap((s) => s.ports.map((port) => port.vip)));
  const own = held.filter(({ address }) => vips.has(address));
  const names = new Set(own.map((h) => h.interface));
  const [first] = own;
  if (!first) return null;
  const place = {
    line: first.line,
    section: 'virtual_ipaddress',
    text: `${first.address} ${first.interface}`,
  };
  if (names.size > 1) {
    report.add(
      'changed',
      place,
      `The VIPs are on several interfaces (${[...names].join(', ')}); one is written when there is one.`,
      {
        hint: 'Add the VIPs to this machine by other means, or see two-armed topologies.',
      },
    );
    return null;
  }
  report.add(
    'translated',
    place,
    `\`topology.interface: ${first.interface}\`: Poolgate adds the VIPs there and announces them.`,
  );
  return { value: first.interface, line: first.line };
}
