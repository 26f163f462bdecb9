/**
 * Keys and values that the config format has and this version does not do yet. They are refused, never ignored: a
 * limit that silently does nothing is worse than none. Whoever builds one deletes its row.
 */
import { isLoopback, parseListen } from './listen.ts';

export interface NotAvailable {
  /** `[]` stands for every item of a list. */
  readonly key: string;
  /** Which values are refused; absent: any. */
  readonly refuses?: (value: unknown) => boolean;
  /** What is not available, as the subject of a sentence in the singular. */
  readonly what: string;
  /** What to write instead. */
  readonly instead: string;
}

const one =
  (...values: unknown[]) =>
  (value: unknown): boolean =>
    values.includes(value);
const notEmpty = (value: unknown): boolean => Array.isArray(value) && value.length > 0;

const ONE_ARMED = 'Leave it out: the one-armed topology does not use it.';

export const NOT_AVAILABLE: readonly NotAvailable[] = [
  {
    key: 'dataPlane',
    refuses: one('kernel'),
    what: 'the kernel data plane',
    instead: 'Write auto or proxy.',
  },
  {
    key: 'admin.listen',
    refuses: offLoopback,
    what: 'an admin API off loopback, which needs TLS,',
    instead: 'Write 127.0.0.1:9080 or another loopback address; reach it from elsewhere through SSH.',
  },
  {
    key: 'topology.mode',
    refuses: one('two-armed', 'transparent'),
    what: 'a topology other than one-armed',
    instead: 'Write one-armed.',
  },
  { key: 'topology.clientInterface', what: 'the two-armed topology', instead: ONE_ARMED },
  { key: 'topology.serverInterface', what: 'the two-armed topology', instead: ONE_ARMED },
  { key: 'topology.bridgePorts', what: 'the transparent topology', instead: ONE_ARMED },
  { key: 'topology.serverAddress', what: 'the two-armed topology', instead: ONE_ARMED },
  {
    key: 'topology.routing',
    refuses: one(true),
    what: 'forwarding between networks',
    instead: 'Write false or leave it out.',
  },
  {
    key: 'topology.filter',
    refuses: notEmpty,
    what: 'a filter of forwarded traffic',
    instead: 'Leave it out.',
  },
  {
    key: 'virtualServices[].nat',
    refuses: one('half'),
    what: 'half-NAT, which needs the kernel data plane,',
    instead: 'Write full: servers see the balancer as the source.',
  },
  {
    key: 'virtualServices[].nat',
    refuses: one('none'),
    what: 'direct server return (nat: none)',
    instead: 'Write full; Office Communications Server does not support direct server return.',
  },
];

function offLoopback(value: unknown): boolean {
  const listen = typeof value === 'string' ? parseListen(value) : null;
  return listen !== null && !isLoopback(listen.host);
}
