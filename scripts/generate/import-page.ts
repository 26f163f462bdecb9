/** The reference page of imports: what becomes of each word of HAProxy and keepalived, from the importers' own tables. */
import { ALGORITHMS } from '../../src/convert/import/haproxy/balance.ts';
import { BIND_WORDS } from '../../src/convert/import/haproxy/bind.ts';
import { HTTP_CHECK } from '../../src/convert/import/haproxy/checks.ts';
import { DIRECTIVES } from '../../src/convert/import/haproxy/directives.ts';
import { OPTIONS } from '../../src/convert/import/haproxy/options.ts';
import { GLOBALS, OTHER_SECTIONS } from '../../src/convert/import/haproxy/other.ts';
import { SERVER_WORDS } from '../../src/convert/import/haproxy/server-words.ts';
import { TIMEOUTS } from '../../src/convert/import/haproxy/timeouts.ts';
import { CHECKER_WORDS, CHECKERS } from '../../src/convert/import/keepalived/checkers.ts';
import { BLOCKS } from '../../src/convert/import/keepalived/keepalived.ts';
import * as keepalived from '../../src/convert/import/keepalived/words.ts';
import { code, generatedFrom, table } from './markdown.ts';

const INTRO = `# What an import translates

What becomes of each word of HAProxy and keepalived with \`poolgate import\`; how to use it is told in
[Arrive from HAProxy or keepalived](../operate/arriving.md). A row is

- **translated**: it works here as it did there;
- **changed**: it works otherwise, and the report says how;
- **missing**: it has no equivalent, and something is lost: the import ends with 1;
- **unneeded**: it has no equivalent and needs none.

A word that is in no table is reported as unknown, with the nearest one that is.`;

interface Row {
  readonly kind: string;
  readonly becomes: string;
}

export function renderImportPage(): string {
  return `${[generatedFrom('src/convert/import'), INTRO, ...haproxy(), ...fromKeepalived()].join('\n\n')}\n`;
}

function wordsOf(rows: typeof SERVER_WORDS): [string, Row][] {
  return Object.entries(rows).map(([word, { fate, becomes }]) => [word, { kind: fate, becomes }]);
}

function unneeded(rows: Readonly<Record<string, string>>): [string, Row][] {
  return Object.entries(rows).map(([word, becomes]) => [word, { kind: 'unneeded', becomes }]);
}

function haproxy(): string[] {
  const bind = Object.entries(BIND_WORDS).map(([word, { fate, becomes }]): [string, Row] => [
    word,
    {
      kind: fate === 'breaks' ? 'missing' : fate,
      becomes: fate === 'breaks' ? `${becomes} The address is left out.` : becomes,
    },
  ]);
  const balance = Object.entries(ALGORITHMS).map(([word, { kind, scheduler, note }]): [string, Row] => [
    word,
    { kind, becomes: `${code(`scheduler: ${scheduler}`)}${note === '' ? '' : `. ${note}`}` },
  ]);
  return [
    '## HAProxy',
    chapter('In `listen`, `frontend`, `backend` and `defaults`', Object.entries(DIRECTIVES)),
    chapter('`balance`', balance),
    chapter('`bind ADDRESS …`', bind),
    chapter('`server NAME ADDRESS …` and `default-server …`', wordsOf(SERVER_WORDS)),
    chapter('`timeout …`', Object.entries(TIMEOUTS)),
    chapter('`option …`', Object.entries(OPTIONS)),
    chapter('`http-check …`', Object.entries(HTTP_CHECK)),
    chapter('Other sections', unneeded(OTHER_SECTIONS)),
    chapter('In `global`', unneeded(GLOBALS)),
  ];
}

function fromKeepalived(): string[] {
  const algorithms = Object.entries(keepalived.ALGORITHMS).map(
    ([word, { scheduler, note }]): [string, Row] => [
      word,
      {
        kind: note === '' ? 'translated' : 'changed',
        becomes: `${code(`scheduler: ${scheduler}`)}${note === '' ? '' : `. ${note}`}`,
      },
    ],
  );
  const checkers = Object.entries(CHECKERS).map(([word, { type, note }]): [string, Row] => [
    word,
    {
      kind: type === null ? 'missing' : note === '' ? 'translated' : 'changed',
      becomes: type === null ? note : `a check of type ${code(type)}${note === '' ? '' : `. ${note}`}`,
    },
  ]);
  const blocks = Object.entries(BLOCKS).map(([word, becomes]): [string, Row] => [
    word,
    { kind: 'unneeded', becomes },
  ]);
  const vrrp: [string, Row] = [
    'vrrp_instance',
    {
      kind: 'missing',
      becomes:
        '`topology.interface` from its addresses; that another machine takes them over has no equivalent',
    },
  ];
  return [
    '## keepalived',
    chapter('In `virtual_server`', Object.entries(keepalived.VIRTUAL_WORDS)),
    chapter('`lb_algo`', algorithms),
    chapter('In `real_server`', Object.entries(keepalived.SERVER_WORDS)),
    chapter('Checkers', checkers),
    chapter('In checkers', Object.entries(CHECKER_WORDS)),
    chapter('Other blocks', [vrrp, ...blocks]),
  ];
}

/** Words of one fate and meaning share a row; what is translated comes first. */
function chapter(title: string, rows: readonly (readonly [string, Row])[]): string {
  const groups = Map.groupBy(rows, ([, { kind, becomes }]) => JSON.stringify([ORDER.indexOf(kind), becomes]));
  const lines = [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first ? [{ words: group.map(([word]) => code(word)).join(', '), ...first[1] }] : [];
  });
  const sorted = lines.toSorted((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
  return [
    `### ${title}`,
    table(
      ['There', 'Fate', 'Here'],
      sorted.map((l) => [l.words, l.kind, l.becomes]),
    ),
  ].join('\n\n');
}

const ORDER: readonly string[] = ['translated', 'changed', 'remark', 'missing', 'unneeded'];
