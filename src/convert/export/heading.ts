/** What stands at the head of every exported file, and what is of the machine and not of a pool. */
import { isIPv6 } from 'node:net';
import { formatCidr } from '../../model/cidr.ts';
import { formatDuration } from '../../model/duration.ts';
import type { EffectiveConfig, EffectiveTopology } from '../../model/effective.ts';
import { formatListen } from '../../model/listen.ts';
import { ALWAYS, COVERAGE } from './coverage.ts';
import type { Page } from './page.ts';
import type { Format } from './remark.ts';

export function heading(page: Page, format: Format, file: string, config: EffectiveConfig): void {
  // A name of a file may have a line end in it, and what stands behind that would be read.
  page.comment(`From ${JSON.stringify(file)} by \`poolgate export ${format}\`.`);
  page.comment(
    'A line with "lost", "changed" or "note" names what is not as in Poolgate. What differs always:',
  );
  for (const sentence of ALWAYS[format]) page.comment(`- ${sentence}`);
  const commands = addressCommands(config);
  if (commands.length === 0) return;
  page.comment('The addresses that this machine must have:');
  for (const command of commands) page.comment(`  ${command}`);
}

/** What `ip` adds the VIPs by; empty where they are on the machine already. */
function addressCommands({ topology, services }: EffectiveConfig): string[] {
  const client = clientInterface(topology);
  const vips = [...new Set(services.map(({ vip }) => vip))];
  const own = topology.mode === 'one-armed' ? null : topology.serverAddress;
  const side = topology.mode === 'two-armed' ? topology.serverInterface : null;
  return [
    ...(client === null
      ? []
      : vips.map((vip) => `ip address add ${vip}/${isIPv6(vip) ? 128 : 32} dev ${client}`)),
    ...(own && side ? [`ip address add ${formatCidr(own)} dev ${side}`] : []),
  ];
}

/** Where VIPs are added; null: they are there already. */
export function clientInterface(topology: EffectiveTopology): string | null {
  if (topology.mode === 'one-armed') return topology.interface;
  return topology.mode === 'two-armed' ? topology.clientInterface : null;
}

/** Remarks on the keys that are neither of a pool nor of a virtual service. */
export function appliance(page: Page, config: EffectiveConfig): void {
  const { format } = page;
  const remark = (aspect: keyof typeof COVERAGE, path: string, value: string): void => {
    if (COVERAGE[aspect][format].how !== 'same') page.remark(aspect, path, value);
  };
  const { topology, dataPlane, admin, shutdownTimeoutMs } = config;
  if (dataPlane === 'kernel') remark('plane', 'dataPlane', dataPlane);
  remark('adminApi', 'admin.listen', formatListen(admin));
  remark('shutdown', 'shutdownTimeout', formatDuration(shutdownTimeoutMs));
  if (topology.mode === 'one-armed') {
    if (topology.interface !== null) remark('interface', 'topology.interface', topology.interface);
  } else if (topology.mode === 'two-armed') {
    remark('interface', 'topology.clientInterface', topology.clientInterface);
    remark('twoArmed', 'topology.mode', topology.mode);
    if (topology.routing) remark('routing', 'topology.routing', 'true');
    if (topology.filter.length > 0)
      remark('routing', 'topology.filter', `of ${topology.filter.length} rules`);
  } else {
    remark('transparent', 'topology.mode', topology.mode);
  }
  if (topology.keepAtStop) remark('keepAtStop', 'topology.keepAtStop', 'true');
}
