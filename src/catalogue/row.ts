/** A row of the port catalogue: one range of ports of one role of one product, and who says so. */
import { type DocumentKey, titleOf } from './documents.ts';
import type { Product } from './products.ts';
import type { Role } from './roles.ts';

/** A row as `poolgate ports --format json` prints it. */
export interface PortRow {
  readonly product: Product;
  readonly role: Role;
  readonly port: number;
  /** The last port of a range, else the same as `port`. */
  readonly portEnd: number;
  readonly transport: Transport;
  /** What is spoken on it. */
  readonly protocol: string;
  readonly direction: Direction;
  readonly purpose: string;
  /** Whether it goes through a VIP where servers of the role are load-balanced. */
  readonly loadBalanced: boolean;
  /** The documents and their lines, one after another. */
  readonly source: string;
  /** What a document has wrong here, and why; null: nothing. */
  readonly correction: string | null;
}

export type Transport = 'tcp' | 'udp';

/** Who connects, as the role sees it: others to it, it to others, or either. */
export type Direction = 'inbound' | 'outbound' | 'both';

/** Who is at the other end. */
export type Peer =
  | 'clients'
  | 'outside'
  | 'servers'
  | 'directory'
  | 'gateways'
  | 'edge'
  | 'reverse-proxy'
  | 'administrators';

/** A line of a document. */
export interface Citation {
  readonly document: DocumentKey;
  /** What the line says, in short. */
  readonly says: string;
}

export interface Correction {
  readonly document: DocumentKey;
  /** Goes on from "DOCUMENT …": what it has wrong. */
  readonly wrote: string;
  readonly why: string;
}

/** The row as data; {@link portRow} makes a {@link PortRow} of it. */
export interface CatalogueRow extends Omit<PortRow, 'source' | 'correction'> {
  readonly peers: readonly Peer[];
  /** At least one. */
  readonly sources: readonly Citation[];
  readonly corrections: readonly Correction[];
}

export function portRow(row: CatalogueRow): PortRow {
  const { product, role, port, portEnd, transport, protocol, direction, purpose, loadBalanced } = row;
  return {
    product,
    role,
    port,
    portEnd,
    transport,
    protocol,
    direction,
    purpose,
    loadBalanced,
    source: row.sources.map(citationText).join('; '),
    correction: row.corrections.length === 0 ? null : row.corrections.map(correctionText).join('; '),
  };
}

export function citationText({ document, says }: Citation): string {
  return `${titleOf(document)}: ${says}`;
}

export function correctionText({ document, wrote, why }: Correction): string {
  return `${titleOf(document)} ${wrote}: ${why}`;
}

/** `443`, `49152-65535`. */
export function portsText({ port, portEnd }: { port: number; portEnd: number }): string {
  return port === portEnd ? String(port) : `${port}-${portEnd}`;
}
