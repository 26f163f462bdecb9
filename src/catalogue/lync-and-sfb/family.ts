/**
 * Lync Server 2013 and Skype for Business Server have the same tables: rows are written once and made for each product.
 * For the Subscription Edition Microsoft has no tables of its own; its requirements are those of 2019.
 */
import type { DocumentKey } from '../documents.ts';
import { type Line, rows, type Shared } from '../define.ts';
import type { Product } from '../products.ts';
import type { CatalogueRow, Citation } from '../row.ts';

type FamilyProduct = Exclude<Product, 'ocs-2007-r2' | 'lync-2010'>;

const FAMILY: readonly FamilyProduct[] = ['lync-2013', 'sfb-2015', 'sfb-2019', 'sfb-se'];

/** XMPP gateways ended with 2015. */
const WITH_XMPP: readonly Product[] = ['lync-2013', 'sfb-2015'];

export interface FamilyLine extends Omit<Line, 'sources'> {
  /** What the line says in Lync's and in Skype for Business's document. */
  readonly says: string;
  /** Of Lync alone, in another document than the rest of the table. */
  readonly lync?: DocumentKey;
  /** Products that have it; all if not given. */
  readonly only?: 'with-xmpp';
}

/** The two documents that a table stands in. */
export interface Documents {
  readonly lync: DocumentKey;
  readonly sfb: DocumentKey;
}

export const PORT_TABLES: Documents = { lync: 'lync2013Ports', sfb: 'sfbPorts' };
export const EDGE_TABLES: Documents = { lync: 'lync2013Edge', sfb: 'sfbEdge' };

export function familyRows(
  shared: Omit<Shared, 'product'>,
  documents: Documents,
  lines: readonly FamilyLine[],
): CatalogueRow[] {
  return FAMILY.flatMap((product) =>
    rows(
      { ...shared, product },
      lines
        .filter(({ only }) => only !== 'with-xmpp' || WITH_XMPP.includes(product))
        .map(({ says, lync, only: _only, ...line }) => ({
          ...line,
          sources: [citation(product, lync ? { lync, sfb: lync } : documents, says)],
        })),
    ),
  );
}

function citation(product: FamilyProduct, documents: Documents, says: string): Citation {
  return { document: product === 'lync-2013' ? documents.lync : documents.sfb, says };
}
