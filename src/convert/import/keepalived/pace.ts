/** Words that may stand at a virtual server, a real server and a checker alike. */
import { type Pace, type Row, count, seconds, tell } from './virtual-server.ts';

type Paced = { readonly pace: Pace };

function time(key: 'intervalMs' | 'timeoutMs', word: string): NonNullable<Row<Paced>['read']> {
  return ({ pace }, [text], context) => {
    const ms = seconds(text);
    if (ms === null) return tell(context, 'missing', `\`${text ?? ''}\` is no number of seconds.`);
    const value = Math.min(3_600_000, Math.max(10, ms));
    pace[key] = value;
    return tell(context, 'translated', `\`${word}\` of the health checks.`);
  };
}

const readRetry: NonNullable<Row<Paced>['read']> = ({ pace }, [text], context) => {
  const retries = count(text, 99);
  if (retries === null)
    return tell(context, 'missing', `\`${text ?? ''}\` is no number of retries up to 99.`);
  pace.retries = retries;
  return tell(context, 'translated', `\`fall: ${retries + 1}\`: that many failed probes in a row.`);
};

export const PACE: Readonly<Record<string, Row<Paced>>> = {
  delay_loop: { kind: 'translated', becomes: '`interval`', read: time('intervalMs', 'interval') },
  connect_timeout: {
    kind: 'translated',
    becomes: '`timeout` of the health checks',
    read: time('timeoutMs', 'timeout'),
  },
  retry: { kind: 'translated', becomes: '`fall`', read: readRetry },
  nb_get_retry: { kind: 'translated', becomes: '`fall`', read: readRetry },
  delay_before_retry: {
    kind: 'changed',
    becomes: 'A probe that failed is followed by the next one after the interval.',
  },
  warmup: {
    kind: 'unneeded',
    becomes: 'First probes are at once, the following ones spread over the interval.',
  },
  alpha: { kind: 'unneeded', becomes: 'Servers get no connection before their first good check anyway.' },
};
