import { SERVERS } from '../site.ts';
import { type Claim, giveTimeToRead, type Stage, signIn } from '../stage.ts';
import type { Act } from './act.ts';
import { levelAt } from './level.ts';

const PEOPLE = 12;

export const evenLoad: Act = {
  title: 'Twelve people sign in and stay',
  async *play(stage) {
    stage.say(
      'They use SIP over TLS and keep their connections for as long as they work. A new connection always goes to ' +
        'the server that has the fewest (wlc); the calls in between do not upset that.',
      'OPEN CONNECTIONS: they grow evenly',
    );
    await signIn(stage, PEOPLE);
    yield await levelAt(stage, PEOPLE / SERVERS.length, 'Load is spread evenly');
    yield passedThrough(stage);
    await giveTimeToRead(stage, 2);
  },
};

/** A client that is shown another certificate than the answering server's does not count it as answered. */
function passedThrough({ ledger }: Stage): Claim {
  const secured = ledger.since(0).filter((answer) => answer.protocol !== 'sip').length;
  const text = `${secured} handshakes, each with the right certificate`;
  return { title: 'TLS passes through', ok: secured > 0, text };
}
