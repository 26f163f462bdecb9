import { SERVERS, type ServerName } from '../site.ts';
import { type Claim, giveTimeToRead, move, type Stage } from '../stage.ts';
import { until } from '../until.ts';
import type { Act } from './act.ts';
import { allTo } from './level.ts';

const DRAINED: ServerName = 'fe03';
/** Of the people on each other server, so many sign out and in again in the end. */
const MOVERS = 3;

export const serverDrained: Act = {
  title: `${DRAINED} is taken out for an update`,
  async *play(stage) {
    yield await drain(stage);
    stage.say(
      `${DRAINED} is empty: update it, restart it, at noon if you like. Then "poolgate ready ${DRAINED}".`,
      'CLIENTS: no more were cut off than before',
    );
    await giveTimeToRead(stage, 4);
    await stage.balancer.setAdmin(DRAINED, 'ready');
    stage.say(`${DRAINED} takes part again, and is filled first.`, `the row of ${DRAINED}, and its bar`);
    const others = SERVERS.filter(({ name }) => name !== DRAINED);
    const movers = others.flatMap(({ name }) => stage.clients.phonesOn(name).slice(0, MOVERS));
    yield await allTo(stage, DRAINED, () => move(stage, movers));
    await giveTimeToRead(stage, 2);
  },
};

async function drain(stage: Stage): Promise<Claim> {
  const { clients, ledger, faults, balancer } = stage;
  await balancer.setAdmin(DRAINED, 'drain');
  // A call that was under way may have been sent there just before.
  await clients.stepsDone();
  const [mark, own, cut] = [ledger.mark(), faults.answeredBy(DRAINED), ledger.cut];
  stage.say(
    `"poolgate drain ${DRAINED}": nothing new goes there, and what is open stays. Its people work on; whoever signs out ` +
      'and in again gets another server.',
    `the bar of ${DRAINED}: it empties by itself`,
  );
  await giveTimeToRead(stage, 2);
  await move(stage, clients.phonesOn(DRAINED));
  const isEmpty = () => stage.servers.some((server) => server.name === DRAINED && server.active === 0);
  const empty = await until(isEmpty, 3000, stage.signal);
  const [astray, lost] = [faults.answeredBy(DRAINED) - own, ledger.cut - cut];
  const text = `${ledger.mark() - mark} connections since, ${astray} went there, ${lost} cut`;
  const ok = empty !== null && astray === 0 && lost === 0;
  return { title: `${DRAINED} is drained`, ok, text };
}
