/** Rows as the tables of this folder write them: what all of a table share is said once. */
import type { CatalogueRow, Citation, Correction, Direction, Peer, Transport } from './row.ts';
import type { Product } from './products.ts';
import type { Role } from './roles.ts';

export interface Shared {
  readonly product: Product;
  readonly role: Role;
  readonly direction: Direction;
  readonly peers: readonly Peer[];
  readonly loadBalanced: boolean;
}

export interface Line extends Partial<Omit<Shared, 'product' | 'role'>> {
  /** `443`, or `49152-65535`. */
  readonly ports: string;
  /** `tcp` if not given; two make two rows. */
  readonly transport?: Transport | 'tcp and udp';
  readonly protocol: string;
  readonly purpose: string;
  readonly sources: readonly Citation[];
  readonly corrections?: readonly Correction[];
}

export function rows(shared: Shared, lines: readonly Line[]): CatalogueRow[] {
  return lines.flatMap(({ ports, transport = 'tcp', corrections = [], ...line }) => {
    const [port = 0, portEnd = port] = ports.split('-').map(Number);
    const transports: Transport[] = transport === 'tcp and udp' ? ['tcp', 'udp'] : [transport];
    return transports.map((each) => ({ ...shared, ...line, port, portEnd, transport: each, corrections }));
  });
}
