/** The servers in the live view: state, checks, and a bar of open connections. Pure. */
import { type Line, type Look, fill, span } from '../cli/terminal/spans.ts';
import type { SceneServer } from './view.ts';

const INKS: readonly Look[] = ['cyan', 'magenta', 'blue'];

const STATES: Record<SceneServer['state'], readonly [text: string, look: Look]> = {
  UP: ['UP', 'green'],
  FAILING: ['UP, failing', 'yellow'],
  DOWN: ['DOWN', 'red'],
  DRAIN: ['DRAIN', 'yellow'],
  MAINT: ['MAINT', 'yellow'],
  INI: ['INI', 'dim'],
};

const WIDTHS = { name: 8, address: 12, state: 13, checks: 25 } as const;
const LEFT = WIDTHS.name + WIDTHS.address + WIDTHS.state + WIDTHS.checks;

export function serverTable(servers: readonly SceneServer[], columns: number): Line[] {
  const titles = [
    ' SERVER'.padEnd(WIDTHS.name),
    'ADDRESS'.padEnd(WIDTHS.address),
    'STATE'.padEnd(WIDTHS.state),
    'CHECKS'.padEnd(WIDTHS.checks),
    'OPEN CONNECTIONS',
  ];
  // Room for the number and its blank.
  const room = Math.max(1, columns - LEFT - 5);
  const most = Math.max(room, ...servers.map((server) => server.open));
  const rows = servers.map((server, at) => row(server, INKS[at % INKS.length], room / most));
  return [[span(titles.join(''), 'bold')], ...rows];
}

/** @param scale cells for a connection, 1 at most */
function row(server: SceneServer, ink: Look | undefined, scale: number): Line {
  const [state, look] = STATES[server.state];
  const bar = '█'.repeat(Math.min(server.open, Math.ceil(server.open * scale)));
  return [
    ...fill([span(server.chosen ? '▸' : ' '), span(server.name, ink)], WIDTHS.name),
    ...fill([span(server.address)], WIDTHS.address),
    ...fill([span(state, look)], WIDTHS.state),
    ...fill(checks(server), WIDTHS.checks),
    span(bar, ink),
    span(`${bar === '' ? '' : ' '}${server.open}`),
  ];
}

function checks({ checks: list }: SceneServer): Line {
  return list.flatMap(({ port, result }) => {
    const look = result === 'L4OK' ? 'green' : result === 'INI' ? 'dim' : 'red';
    return [span(`${port} `), span(result, look), span('  ')];
  });
}
