/** The demo as lines of text, for logs, pipes and terminals that can do no more. */
import { printable } from '../cli/text.ts';
import type { PoolgateEvent } from '../state/contract.ts';
import { commandLine, type DemoBalancer } from './balancer.ts';
import type { Answer, Trouble } from './ledger.ts';
import type { Show } from './show.ts';
import { type Ports, SERVERS, VIP } from './site.ts';
import type { Claim } from './stage.ts';
import { wrap } from '../cli/terminal/wrap.ts';

const WIDTH = 100;
/** Answers to a line. */
const ROW = 12;

export interface PlainOptions {
  readonly out: (text: string) => void;
  /** ms since the demo began. */
  readonly elapsedMs: () => number;
}

export function plainShow({ out, elapsedMs }: PlainOptions): Show {
  let answers: Answer[] = [];
  /** Heard before the introduction; null after it. */
  let early: PoolgateEvent[] | null = [];
  const indent = ' '.repeat(9);

  function line(text: string): void {
    flush();
    const stamp = `${(elapsedMs() / 1000).toFixed(1).padStart(6)}s  `;
    const [first = '', ...more] = wrap(printable(text), WIDTH - indent.length);
    out(`${stamp}${first}\n${more.map((rest) => `${indent}${rest}\n`).join('')}`);
  }
  /** Answers are many; they wait until a line is full or something else is said. */
  function flush(): void {
    if (answers.length > 0) out(`${indent}answered by ${answers.map((a) => a.server).join(' ')}\n`);
    answers = [];
  }

  function tell(event: PoolgateEvent): void {
    line(`balancer: ${event.message}`);
  }

  return {
    begin: ({ site, balancer }) => {
      for (const text of introduction(site.ports, balancer)) line(text);
      early?.forEach(tell);
      early = null;
    },
    chapter: (number, of, title) => {
      flush();
      out(`\n`);
      line(number === 0 ? title.toUpperCase() : `${number} of ${of}: ${title.toUpperCase()}`);
    },
    say: (text) => line(text),
    onEvent: (event: PoolgateEvent) => (early ? void early.push(event) : tell(event)),
    onAnswer: (answer: Answer) => {
      answers.push(answer);
      if (answers.length >= ROW) flush();
    },
    onTrouble: (trouble: Trouble) => line(`client on ${trouble.server ?? 'the VIP'}: ${trouble.text}`),
    claim: (claim: Claim) => line(`${claim.ok ? 'ok' : 'FAILED'}: ${claim.title}: ${claim.text}`),
    close: flush,
  };
}

function introduction(ports: Ports, balancer: DemoBalancer): string[] {
  const servers = SERVERS.map((server) => `${server.name} ${server.address}`).join(', ');
  return [
    `Three stand-in Front Ends (${servers}) and Poolgate in front of them, all on this machine and without privileges.`,
    `VIP ${VIP}: SIP ${ports.sip}, SIP over TLS ${ports.sipTls}, HTTPS ${ports.https} (for 443). Every server is checked ` +
      `on ${ports.sipTls} and ${ports.control} (for 444), here once a second instead of every 5 s.`,
    `Ask it yourself: ${commandLine(balancer, 'servers')}`,
  ];
}
