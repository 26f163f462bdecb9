import type { Answer } from '../ledger.ts';
import { SERVERS, VIP } from '../site.ts';
import { answersSince } from '../stage.ts';
import type { Act } from './act.ts';

export const inTurn: Act = {
  title: 'Three servers behind one address',
  async *play(stage) {
    stage.say(
      `Clients know one address, ${VIP}, and connect again and again. No server is busier than another, so the ` +
        'balancer lets them take turns.',
      'the staircase below: every new connection is answered by the next server',
    );
    const mark = stage.ledger.mark();
    const wanted = stage.pace.reading ? 21 : 12;
    await answersSince(stage, mark, wanted);
    const seen = stage.ledger.since(mark).slice(0, wanted);
    const ok = seen.length === wanted && strictlyInTurn(seen);
    const text = ok ? `${wanted} in a row: ${names(seen.slice(0, 4))} …` : `not in turn: ${names(seen)}`;
    yield { title: 'Connections alternate', ok, text };
  },
};

/** The first three differ, and every other one is the same as the third before it. */
export function strictlyInTurn(answers: readonly Pick<Answer, 'server'>[]): boolean {
  const round = answers.slice(0, SERVERS.length).map((answer) => answer.server);
  const repeats = answers.every((answer, at) => answer.server === round[at % round.length]);
  return new Set(round).size === SERVERS.length && repeats;
}

function names(answers: readonly Answer[]): string {
  return answers.map((answer) => answer.server).join(' ');
}
