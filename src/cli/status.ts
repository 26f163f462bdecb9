import type { Command } from 'commander';
import { z } from 'zod';
import { server as serverSchema, source as sourceSchema, status as statusSchema } from '../api/views.ts';
import type { AddressView, ServerView, ServiceView, StatusView } from '../state/contract.ts';
import { act, type Cli, client, type DaemonOptions, daemonCommand, print } from './command.ts';
import { EXIT, type Io } from './io.ts';
import { limitLines, shortageLines } from './limits-text.ts';
import { type Column, table } from './table.ts';
import { type Colour, duration, paint, plural, printable } from './text.ts';
import { judge, type Level, type Verdict } from './verdict.ts';

export function statusCommand(cli: Cli): Command {
  return daemonCommand('status', 'Is all well, and if not, what is not and why', [
    ['poolgate status', 'the first thing to type'],
    ['poolgate status --format json', 'for programs; `level` is ok, starting, degraded or down'],
  ]).action(
    act(cli, async (options: DaemonOptions) => {
      const daemon = client(cli, options);
      const [status, servers, sources] = await Promise.all([
        daemon.get('/api/v1/status', statusSchema),
        daemon.get('/api/v1/servers', z.array(serverSchema)),
        daemon.get('/api/v1/sources', z.array(sourceSchema)),
      ]);
      const verdict = judge(status, servers, sources, cli.io.now());
      print(cli, options.format, { ...verdict, ...status }, () => overview(status, servers, verdict, cli.io));
      return EXIT.fine;
    }),
  );
}

const SIGNS: Record<Level, readonly [string, Colour]> = {
  ok: ['OK', 'green'],
  starting: ['STARTING', 'yellow'],
  degraded: ['DEGRADED', 'yellow'],
  down: ['DOWN', 'red'],
};

function overview(status: StatusView, servers: readonly ServerView[], verdict: Verdict, io: Io): string {
  const [word, colour] = SIGNS[verdict.level];
  const sign = paint(word, colour, io.colour);
  const lines = [
    `${sign}  ${paint(printable(verdict.summary), 'bold', io.colour)}`,
    ...verdict.problems.map((problem) => `  ${paint('✗', 'red', io.colour)} ${printable(problem)}`),
    ...verdict.byOrder.map((order) => `  ${paint('–', 'yellow', io.colour)} ${printable(order)}`),
  ];
  const services = table(status.services, columns(status), io);
  const addresses = addressLine(status.addresses);
  const limits = [...limitLines(status.services), ...shortageLines(servers)]
    .map((line) => `${printable(line)}\n`)
    .join('');
  return `${lines.join('\n')}\n\n${services}\n${limits}${addresses}${paint(printable(footer(status)), 'dim', io.colour)}\n`;
}

function columns(status: StatusView): readonly Column<ServiceView>[] {
  const pools = new Map(status.pools.map((pool) => [pool.name, `${pool.usable}/${pool.servers}`]));
  return [
    { title: 'SERVICE', cell: (s) => s.name, shrinkTo: 8 },
    { title: 'STATE', cell: (s) => s.state, colour: stateColour },
    { title: 'VIP', cell: (s) => s.vip },
    { title: 'POOL', cell: (s) => s.pool, shrinkTo: 8 },
    { title: 'USABLE', cell: (s) => pools.get(s.pool) ?? '', align: 'right' },
    { title: 'ACTIVE', cell: (s) => String(s.active), align: 'right' },
    { title: 'TOTAL', cell: (s) => String(s.total), align: 'right', optional: true },
    { title: 'REFUSED', cell: (s) => String(s.refused), align: 'right' },
    { title: 'PORTS', cell: (s) => s.ports, shrinkTo: 8 },
  ];
}

/** Empty where the config names no interface. */
function addressLine(addresses: readonly AddressView[]): string {
  if (addresses.length === 0) return '';
  const list = addresses.map((a) => `${a.address} on ${a.interface}${remarkOn(a)}`);
  return `${printable(`Addresses: ${list.join(', ')}`)}\n`;
}

function remarkOn({ ours, present, conflict }: AddressView): string {
  if (!present) return ' (NOT THERE)';
  if (conflict !== null) return ` (and at ${conflict})`;
  return ours ? '' : ' (not added by Poolgate)';
}

function stateColour(service: ServiceView): Colour {
  if (service.state === 'serving') return 'green';
  return service.state === 'fallback' ? 'yellow' : 'red';
}

function footer(status: StatusView): string {
  const load = `${status.active} of ${status.capacity} connections`;
  const plane = `${status.dataPlane} data plane (${status.reason}), ${plural(status.workers, 'worker')}`;
  return `Poolgate ${status.version}, up ${duration(status.uptimeMs)}, ${load}, ${plane}, ${status.configFile}`;
}
