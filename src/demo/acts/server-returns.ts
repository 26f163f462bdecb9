import { giveTimeToRead, latestSeq, nextEvent, signIn } from '../stage.ts';
import type { Act } from './act.ts';
import { allTo, levelAt } from './level.ts';
import { FAILING } from './server-fails.ts';

/** As many as it takes to be level with the others, who have six each by now. */
const PEOPLE = 6;

export const serverReturns: Act = {
  title: `${FAILING} comes back`,
  async *play(stage) {
    const seq = latestSeq(stage);
    const mendedAt = await stage.faults.mend(FAILING);
    stage.say(
      `Its port ${stage.controlPort} is open again. Two good results in a row, and it is UP.`,
      `CHECKS of ${FAILING}`,
    );
    const up = await nextEvent(stage, 'server-up', FAILING, seq);
    const text = up
      ? `UP ${Date.parse(up.at) - mendedAt} ms after port ${stage.controlPort} was open again`
      : 'no UP within 15 s';
    yield { title: `${FAILING} comes back`, ok: up !== null, text };
    stage.say(
      `${FAILING} is UP, and has the fewest connections: until it is level with the others everything new goes there. ` +
        `${PEOPLE} more people sign in.`,
      `the row of ${FAILING}, and its bar`,
    );
    yield await allTo(stage, FAILING, () => signIn(stage, PEOPLE));
    yield await levelAt(stage, 6, 'Load is level again');
    await giveTimeToRead(stage, 3);
  },
};
