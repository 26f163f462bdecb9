/** `balance` and `hash-type`. */
import { SCHEDULERS, type SchedulerName } from '../../../scheduler/names.ts';
import type { Kind } from '../report.ts';
import { type Reader, tell } from './proxy.ts';

interface Algorithm {
  readonly scheduler: SchedulerName;
  readonly kind: Kind;
  readonly note: string;
}

const LAYER_7 = 'It looks at requests, and Poolgate does not';

export const ALGORITHMS: Readonly<Record<string, Algorithm>> = {
  roundrobin: { scheduler: 'wrr', kind: 'translated', note: '' },
  'static-rr': { scheduler: 'wrr', kind: 'translated', note: '' },
  leastconn: { scheduler: 'wlc', kind: 'translated', note: '' },
  source: {
    scheduler: 'sh',
    kind: 'changed',
    note: 'Clients are spread by another hash, so they meet other servers than before.',
  },
  random: { scheduler: 'wlc', kind: 'changed', note: 'Random choice among few has the same aim.' },
  first: {
    scheduler: 'wlc',
    kind: 'changed',
    note: 'Filling one server after the other has no equivalent; connections are shared.',
  },
  uri: { scheduler: 'wlc', kind: 'missing', note: `${LAYER_7}.` },
  url_param: { scheduler: 'wlc', kind: 'missing', note: `${LAYER_7}.` },
  hdr: { scheduler: 'wlc', kind: 'missing', note: `${LAYER_7}.` },
  hash: {
    scheduler: 'wlc',
    kind: 'missing',
    note: 'Hashes of other things than the address have no equivalent.',
  },
  sticky: { scheduler: 'wlc', kind: 'missing', note: 'It belongs to other programs.' },
  'rdp-cookie': {
    scheduler: 'wlc',
    kind: 'missing',
    note: `${LAYER_7}; a user who reconnects may meet another server. Persistence by source address comes nearest.`,
  },
};

export const readBalance: Reader = (proxy, [word = ''], context) => {
  const name = word.replace(/\(.*/s, '');
  const found = Object.hasOwn(ALGORITHMS, name) ? ALGORITHMS[name] : undefined;
  if (!found) {
    const hint = context.report.meant(name, Object.keys(ALGORITHMS));
    tell(
      context,
      'missing',
      `HAProxy knows no algorithm \`${name.slice(0, 40)}\`; least connections are written.`,
      hint,
    );
  } else {
    const { scheduler, kind, note } = found;
    tell(context, kind, `Scheduler \`${scheduler}\` (${SCHEDULERS[scheduler]}). ${note}`.trim());
  }
  proxy.scheduler = { value: found?.scheduler ?? 'wlc', line: context.place.line };
};

export const readHashType: Reader = (proxy, [method], context) => {
  proxy.consistent = method === 'consistent';
  const message = proxy.consistent
    ? 'A hash that moves few clients when a server leaves: `mh` where `balance source` is.'
    : 'The plain hash: `sh` where `balance source` is.';
  tell(context, 'translated', message);
};
