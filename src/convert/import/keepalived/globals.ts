/** `global_defs`: of all that stands there, only the timeouts of IPVS mean something here. */
import type { Report } from '../report.ts';
import type { Statement } from './blocks.ts';
import { seconds } from './virtual-server.ts';

export interface Timeouts {
  readonly tcpMs: number | null;
  readonly udpMs: number | null;
  readonly line: number;
}

/** IPVS forgets a connection after so long, unless told otherwise (ipvsadm --set). */
export const IPVS_TCP_MS = 900_000;

const NO_TIMEOUTS: Timeouts = { tcpMs: null, udpMs: null, line: 0 };

export function readTimeouts(statements: readonly Statement[], report: Report): Timeouts {
  let timeouts = NO_TIMEOUTS;
  for (const { words, line, block } of statements.filter((s) => s.words[0] === 'global_defs')) {
    const inner = block ?? [];
    const given = inner.find((s) => s.words[0] === 'lvs_timeouts');
    if (given) timeouts = timesOf(given);
    const last = inner.at(-1)?.line ?? line;
    const message = `Settings of the process of keepalived, and of its mail. All of it, to line ${last}${given ? ', but for `lvs_timeouts`' : ''}.`;
    report.add('unneeded', { line, section: 'global_defs', text: words.join(' ') }, message);
    if (given)
      report.add(
        'translated',
        { line: given.line, section: 'global_defs', text: given.words.join(' ') },
        '`timeouts.idle` and `udpIdle`.',
      );
  }
  return timeouts;
}

function timesOf({ words, line }: Statement): Timeouts {
  const after = (word: string): number | null => {
    const at = words.indexOf(word);
    const ms = at < 0 ? null : seconds(words[at + 1]);
    return ms === null || ms === 0 ? null : ms;
  };
  return { tcpMs: after('tcp'), udpMs: after('udp'), line };
}
