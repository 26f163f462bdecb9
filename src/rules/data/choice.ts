/** R6 to R8: which server a connection gets. */
import { wishes } from '../lint/persistence.ts';
import { scheduler } from '../lint/spread.ts';
import type { Rule } from '../rule.ts';
import { FIELD, MEASURED, REQUIREMENTS, WALKTHROUGH } from '../sources.ts';
import { ALL, OCS } from './products.ts';
import { LEAST } from './samples.ts';

export const CHOICE_RULES: readonly Rule[] = [
  {
    id: 'R6',
    title: 'The connection is the affinity: all of it goes to one server, and nothing more is needed for SIP',
    why: 'A SIP connection stays with its server for life, here as with any TCP balancer. Persistence by source address on top of it sends all clients behind one address to one server, and spoils the distribution.',
    sources: [FIELD, REQUIREMENTS, MEASURED],
    products: ALL,
    severity: 'warning',
    how: ['built-in', 'lint', 'probe'],
    checked:
      'Poolgate never moves an open connection. `check` warns where `persistence` is set for ports of SIP or RPC, or is off on ports for which a profile asks for it by this rule (Communicator Web Access).',
    hint: 'Remove `persistence`: a connection stays with its server anyway.',
    sample: LEAST,
    lint: wishes('R6'),
  },
  {
    id: 'R7',
    title: 'There is a choice of schedulers, weighted ones among them',
    why: 'Servers of different size need different shares.',
    sources: [FIELD, REQUIREMENTS],
    products: OCS,
    severity: 'info',
    how: ['built-in'],
    checked: 'Poolgate has `rr`, `wrr`, `lc`, `wlc`, `sh` and `mh`.',
    hint: 'Choose with `scheduler`.',
    sample: null,
  },
  {
    id: 'R8',
    title: 'The scheduler is weighted least-connections',
    why: 'SIP connections last for days, so that counting the open ones is the only choice that evens out after a server was away; `rr` and `lc` take no account of weights.',
    sources: [FIELD, REQUIREMENTS, WALKTHROUGH],
    products: ALL,
    severity: 'info',
    how: ['lint', 'probe'],
    checked:
      '`scheduler` is the one that the profile recommends; and where servers have different weights it is one that uses them. On the network: held connections are spread as the weights say.',
    hint: 'Write `scheduler: wlc`, or leave it out.',
    sample: `virtualServices:
  - { name: ocs, vip: 10.0.0.40, pool: ocspool, scheduler: wlc }
`,
    lint: scheduler,
  },
];
