/** R9 and R10: how long a silent connection lives. */
import { told } from '../lint/facts.ts';
import type { Rule } from '../rule.ts';
import { GUIDE, LYNC_BALANCER, MEASURED, REQUIREMENTS, SFB_BALANCER, WALKTHROUGH } from '../sources.ts';
import { ALL } from './products.ts';

export const TIMEOUT_RULES: readonly Rule[] = [
  {
    id: 'R9',
    title: 'The idle timeout can be set to 30 minutes and more',
    why: 'Clients refresh their registration every 30 minutes, and may be silent in between.',
    sources: [REQUIREMENTS],
    products: ALL,
    severity: 'info',
    how: ['built-in'],
    checked: '`timeouts.idle` takes up to a week.',
    hint: 'Set it with `timeouts: { idle: 30m }`.',
    sample: null,
  },
  {
    id: 'R10',
    title: 'The idle timeout in effect is at least 30 minutes, both ways',
    why: 'A shorter one resets clients that are only silent; they sign in again, all the time.',
    sources: [GUIDE, WALKTHROUGH, LYNC_BALANCER, SFB_BALANCER, MEASURED],
    products: ALL,
    severity: 'warning',
    how: ['lint', 'probe'],
    checked:
      '`timeouts.idle` as it is in effect, from the service, the profile or `defaults`, against what the profile asks for. On the network: a connection that is silent for 29 minutes lives.',
    hint: 'Write `idle: 30m` or more, or leave it out.',
    sample: `virtualServices:
  - { name: ocs, vip: 10.0.0.40, pool: ocspool, timeouts: { idle: 30m } }
`,
    lint: told('R10'),
  },
];
