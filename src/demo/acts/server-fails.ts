import type { PoolgateEvent } from '../../state/contract.ts';
import type { ServerName } from '../site.ts';
import { answersSince, type Claim, giveTimeToRead, latestSeq, nextEvent, type Stage } from '../stage.ts';
import { until } from '../until.ts';
import type { Act } from './act.ts';

export const FAILING: ServerName = 'fe02';
/** A round for each server, all of which the other two have to answer. */
const CALLS = 9;

export const serverFails: Act = {
  title: `${FAILING} fails`,
  async *play(stage) {
    const before = stage.clients.phonesOn(FAILING).length;
    const seq = latestSeq(stage);
    const failedAt = await stage.faults.fail(FAILING);
    stage.say(
      `Its port ${stage.controlPort} has just been shut. SIP still answers there, so whoever checks SIP alone sees nothing. ` +
        'Poolgate checks both, here once a second, and believes three bad results in a row.',
      `CHECKS of ${FAILING}`,
    );
    const down = await nextEvent(stage, 'server-down', FAILING, seq);
    if (!down) {
      yield { title: found, ok: false, text: 'no DOWN within 15 s' };
      return;
    }
    const tookMs = Date.parse(down.at) - failedAt;
    yield { title: found, ok: true, text: `DOWN ${tookMs} ms after port ${stage.controlPort} was shut` };
    yield await moved(stage, down, before);
    yield await shunned(stage);
  },
};

const found = `Failure of ${FAILING} is seen`;

async function moved(stage: Stage, down: PoolgateEvent, before: number): Promise<Claim> {
  const { clients } = stage;
  stage.say(
    `${FAILING} is DOWN, on all of its ports. Its phones were cut off at once, so that they need not find out by ` +
      'themselves, and signed in elsewhere. Nobody else felt a thing.',
    `the row of ${FAILING}: nothing new goes there`,
  );
  const elsewhere = () => clients.phonesOn(FAILING).length === 0 && clients.phones.length === clients.people;
  const back = await until(elsewhere, 10_000, stage.signal);
  const tookMs = Math.max(0, Date.now() - Date.parse(down.at));
  const text = back ? `${before} phones on another server within ${tookMs} ms` : 'not all came back in 10 s';
  return { title: 'Its phones move', ok: back !== null && before > 0, text };
}

/** The server itself says whether anybody came. */
async function shunned(stage: Stage): Promise<Claim> {
  const { clients, ledger, faults } = stage;
  await clients.stepsDone();
  const [mark, own] = [ledger.mark(), faults.answeredBy(FAILING)];
  const answered = await answersSince(stage, mark, CALLS);
  await giveTimeToRead(stage, 5);
  const astray = faults.answeredBy(FAILING) - own;
  const text = `${ledger.mark() - mark} connections since, ${astray} went to ${FAILING}`;
  return { title: 'DOWN gets nothing', ok: answered !== null && astray === 0, text };
}
