/** R11 to R15: who is alive. */
import { told } from '../lint/facts.ts';
import { oneVerdict } from '../lint/spread.ts';
import type { Rule } from '../rule.ts';
import { FIELD, MEASURED, REQUIREMENTS, WALKTHROUGH } from '../sources.ts';
import { ALL, OCS } from './products.ts';
import { CHECKED } from './samples.ts';

export const HEALTH_RULES: readonly Rule[] = [
  {
    id: 'R11',
    title: 'SIP is checked: 5060 or 5061, whichever is in use',
    why: 'Without it a server whose SIP service has stopped goes on getting sign-ins.',
    sources: [FIELD, REQUIREMENTS],
    products: OCS,
    severity: 'warning',
    how: ['lint', 'probe'],
    checked:
      'One of the health checks in effect is of port 5060 or 5061. On the network: a stopped listener makes the server down.',
    hint: 'Add `{ type: tcp, port: 5061 }`, or remove `healthChecks` to get those of the profile.',
    sample: CHECKED,
    lint: told('R11'),
  },
  {
    id: 'R12',
    title: 'Conferencing is checked: 444',
    why: 'With 444 dead on one of two servers and 5061 alive, half of all joins fail, and nothing shows it.',
    sources: [REQUIREMENTS, WALKTHROUGH, MEASURED],
    products: OCS,
    severity: 'warning',
    how: ['lint', 'probe'],
    checked: 'One of the health checks in effect is of port 444. On the network: as R11.',
    hint: 'Add `{ type: tcp, port: 444 }`, or remove `healthChecks` to get those of the profile.',
    sample: CHECKED,
    lint: told('R12'),
  },
  {
    id: 'R13',
    title: 'A server that was down gets nothing before a check of it has succeeded',
    why: 'Clients that are led to a server that is not there wait for seconds, or give up.',
    sources: [FIELD, REQUIREMENTS, MEASURED],
    products: OCS,
    severity: 'warning',
    how: ['built-in', 'probe'],
    checked:
      'No server is chosen that is unknown or down, not by persistence either. On the network: not one SYN to a dead server, and none after its return before the first good check.',
    hint: 'Keep a health check for each pool.',
    sample: CHECKED,
  },
  {
    id: 'R14',
    title: 'A server that fails one check is out for all ports',
    why: "A user's connections to SIP and conferencing belong together; a server that is half alive serves nobody.",
    sources: [WALKTHROUGH],
    products: ALL,
    severity: 'warning',
    how: ['built-in', 'lint', 'probe'],
    checked:
      'A server has one verdict in its pool, over all checks and ports. `check` warns where one server is in two pools behind one VIP, and so has two verdicts and two counts of connections.',
    hint: 'Let the virtual services of this VIP use one pool.',
    sample: CHECKED,
    lint: oneVerdict,
  },
  {
    id: 'R15',
    title: 'Health checks come no more often than every five seconds',
    why: 'Each probe of 5061 is a connection that the server has to accept and clean up; and what flaps in two seconds is rarely a server.',
    sources: [FIELD, REQUIREMENTS],
    products: OCS,
    severity: 'warning',
    how: ['lint', 'probe'],
    checked:
      '`interval` of each check in effect, against what the profile asks for. (The guide of Loadbalancer.org has 2 s and 6 s in one text.) On the network: the time between two SYNs.',
    hint: 'Write `interval: 5s` or more.',
    sample: `defaults:
  healthCheck: { interval: 5s, timeout: 3s, rise: 2, fall: 3 }
`,
    lint: told('R15'),
  },
];
