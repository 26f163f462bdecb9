/** The reference page of the port catalogue: every row, its documents, and what these have wrong. */
import { CATALOGUE } from '../../src/catalogue/catalogue.ts';
import { comparePorts } from '../../src/catalogue/compare.ts';
import { DOCUMENTS, titleOf } from '../../src/catalogue/documents.ts';
import { PRODUCT_NAMES, PRODUCTS, type Product } from '../../src/catalogue/products.ts';
import { ROLE_NAMES, ROLES } from '../../src/catalogue/roles.ts';
import { type CatalogueRow, portsText } from '../../src/catalogue/row.ts';
import { code, generatedFrom, table } from './markdown.ts';

const INTRO = `# Ports

What servers, load balancers and clients of each product use, row by row with the documents that say so. \`poolgate ports\` shows the same,
filtered by product, role, port, direction and whether it goes through a VIP, as table, JSON or CSV; \`poolgate firewall\` makes rules from it.

*Direction* is as the role sees it: others connect to it (inbound), it connects to others (outbound), or either. *VIP* says whether it goes
through a VIP where servers of the role are load-balanced; what does not goes to the server's own address. Where a document is wrong, the row
has what is right, and below the table stands what was written and why it is wrong. Superscripts lead to the documents at the end.`;

export function renderPortsPage(): string {
  const parts = [
    generatedFrom('src/catalogue'),
    INTRO,
    comparison(),
    ...PRODUCT_NAMES.flatMap(product),
    documents(),
  ];
  return `${parts.join('\n\n')}\n`;
}

function comparison(): string {
  const { sources, ports } = comparePorts();
  const rows = ports.map((p) => [
    String(p.port),
    ...sources.map(({ key }) => (p.listedBy[key] ? 'yes' : '–')),
    p.option === null ? p.answer : `${p.answer} (${code(p.option)})`,
  ]);
  const misses = ['misses', ...sources.map((s) => s.misses.join(', ') || 'nothing'), ''];
  return [
    '## The VIP of an OCS 2007 R2 Enterprise pool, document by document',
    table(['Port', ...sources.map((s) => `${s.name}${mark(s.key)}`), 'Poolgate'], [...rows, misses]),
  ].join('\n\n');
}

function product(name: Product): string[] {
  const own = CATALOGUE.filter((row) => row.product === name);
  const roles = ROLE_NAMES.filter((role) => own.some((row) => row.role === role));
  return [
    `## ${PRODUCTS[name]}: ${code(name)}`,
    ...roles.map((role) =>
      section(
        `### ${ROLES[role].title}: ${code(role)}`,
        own.filter((row) => row.role === role),
      ),
    ),
  ];
}

function section(title: string, rows: readonly CatalogueRow[]): string {
  const cells = rows.map((row) => [
    `${portsText(row)}/${row.transport}${row.corrections.length > 0 ? ' \\*' : ''}`,
    row.protocol,
    row.direction,
    row.loadBalanced ? 'yes' : 'no',
    row.purpose,
    row.sources.map(({ document, says }) => `${says}${mark(document)}`).join('; '),
  ]);
  return [
    title,
    table(['Port', 'Protocol', 'Direction', 'VIP', 'Purpose', 'Source'], cells),
    ...notes(rows),
  ].join('\n\n');
}

function notes(rows: readonly CatalogueRow[]): string[] {
  const lines = rows.flatMap((row) =>
    row.corrections.map(
      ({ document, wrote, why }) => `- \\* ${portsText(row)}: ${titleOf(document)} ${wrote}: ${why}.`,
    ),
  );
  return lines.length === 0 ? [] : [[...new Set(lines)].join('\n')];
}

const KEYS = Object.keys(DOCUMENTS) as (keyof typeof DOCUMENTS)[];

function mark(document: keyof typeof DOCUMENTS): string {
  return `<sup>${KEYS.indexOf(document) + 1}</sup>`;
}

function documents(): string {
  const lines = KEYS.map((key, at) => {
    const entry: { title: string; address?: string } = DOCUMENTS[key];
    return `${at + 1}. ${entry.address === undefined ? entry.title : `[${entry.title}](${entry.address})`}`;
  });
  return `## Documents\n\n${lines.join('\n')}`;
}
