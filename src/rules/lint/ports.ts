/** R4, R5, R58: ports of the profile on the VIPs of a pool. */
import { isIPv6 } from 'node:net';
import type { ProfilePort } from '../../profiles/profile.ts';
import type { Lint, Violation } from '../rule.ts';
import { covers, entriesOf, listText, meets, type PoolView, poolsOf, spanText } from './views.ts';

/** R4: the required ports are shared out among several VIPs of one family. */
export const oneVip: Lint = (subject) =>
  poolsOf(subject).flatMap((view): Violation[] => {
    if (!view.profile?.oneVip || missing(view, 'required').length > 0) return [];
    const required = view.ports.filter(({ need }) => need === 'required');
    const [first] = view.services;
    const other = view.services.find(({ service }) => service.vip !== first?.service.vip);
    if (!first || !other) return [];
    const whole = vipsOf(view).some((vip) => {
      const ranges = view.services.filter((s) => s.service.vip === vip).flatMap((s) => s.service.ports);
      return required.every((port) => covers(ranges, port));
    });
    if (whole) return [];
    const message = `The ports of the pool \`${view.pool.name}\` are shared out between ${listText(vipsOf(view))}: its name stands for one address.`;
    const hint = `Write \`vip: ${first.service.vip}\` here too.`;
    return [
      { path: ['virtualServices', other.at, 'vip'], message, hint, source: view.profile.oneVip.source },
    ];
  });

/** R3, of VIPs: a pool that has all its ports on two VIPs of one family needs two DNS entries. */
export function secondVips(view: PoolView): Violation[] {
  if (!view.profile?.oneVip) return [];
  const seen = new Map<string, string>();
  return view.services.flatMap(({ at, service: { vip, ports } }): Violation[] => {
    const family = isIPv6(vip) ? 'IPv6' : 'IPv4';
    const first = seen.get(family);
    if (first === undefined) seen.set(family, vip);
    const whole = view.ports.filter((p) => p.need === 'required').every((port) => covers(ports, port));
    if (first === undefined || first === vip || !whole) return [];
    const message = `The pool \`${view.pool.name}\` has two ${family} VIPs, ${first} and ${vip}, and its name stands for one.`;
    return [{ path: ['virtualServices', at, 'vip'], message, hint: 'Keep the one that DNS has.' }];
  });
}

/** R5: ports that are missing, or lead elsewhere than the profile says. */
export const allPorts: Lint = (subject) =>
  poolsOf(subject).flatMap((view) => [
    ...absent(view, 'required'),
    ...absent(view, 'recommended'),
    ...astray(view, (port) => port.serverPort === undefined),
  ]);

/** R58: ports that the profile maps, and that are not mapped so. */
export const mappedPorts: Lint = (subject) =>
  poolsOf(subject).flatMap((view) => astray(view, (port) => port.serverPort !== undefined));

function vipsOf({ services }: PoolView): string[] {
  return [...new Set(services.map(({ service }) => service.vip))];
}

function missing({ ports, services }: PoolView, need: ProfilePort['need']): ProfilePort[] {
  const ranges = services.flatMap(({ service }) => service.ports);
  return services.length === 0 ? [] : ports.filter((port) => port.need === need && !covers(ranges, port));
}

function absent(view: PoolView, need: 'required' | 'recommended'): Violation[] {
  const gone = missing(view, need);
  const written = view.services.find(({ input }) => input.ports);
  const [first] = gone;
  if (!written || !first) return [];
  const what = listText(gone.map((port) => `${spanText(port)} (${port.purpose})`));
  const verb = need === 'required' ? 'needs' : 'should have';
  const message = `The VIP ${verb} ${what} too, for \`${view.pool.profile}\`.`;
  const options = [...new Set(gone.flatMap(({ option }) => option ?? []))];
  const off =
    options.length === 0 ? '' : `, or write \`options: { ${options[0]}: false }\` where nobody uses it`;
  const hint = `Add it, or leave out \`ports\` to have those of the profile${off}.`;
  const severity = need === 'required' ? 'warning' : 'info';
  const path = ['virtualServices', written.at, 'ports'];
  return [{ path, part: 'key', message, hint, severity, source: first.source }];
}

/** An entry that leads several ports elsewhere is told once. */
function astray(view: PoolView, which: (port: ProfilePort) => boolean): Violation[] {
  return view.services.flatMap((service) =>
    entriesOf(service).flatMap(({ range, path }): Violation[] => {
      const leadsTo = (port: ProfilePort): number => range.serverFirst + port.port - range.first;
      const wrong = view.ports.filter(
        (port) => which(port) && meets(range, port) && leadsTo(port) !== (port.serverPort ?? port.port),
      );
      const port = wrong.find(({ portEnd }) => portEnd === undefined);
      if (!port) return [];
      const wanted = port.serverPort ?? port.port;
      const more = wrong.length > 1 ? ` (and ${wrong.length - 1} more of this range likewise)` : '';
      const message = `Port ${spanText(port)} of the VIP leads to ${leadsTo(port)} of the servers, and for \`${view.pool.profile}\` it has to lead to ${wanted}: ${port.purpose}${more}.`;
      const hint =
        wanted === port.port
          ? `Write \`${port.port}\`.`
          : `Write \`{ port: ${port.port}, serverPort: ${wanted} }\`.`;
      return [{ path, message, hint: more === '' ? hint : 'Leave out `serverPort`.', source: port.source }];
    }),
  );
}
