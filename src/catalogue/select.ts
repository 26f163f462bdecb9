/** Rows by product, role, port, direction and balancing; and what to say when there is none. */
import { CATALOGUE } from './catalogue.ts';
import type { Product } from './products.ts';
import type { Role } from './roles.ts';
import type { CatalogueRow, Direction } from './row.ts';

/** What is absent fits any. */
export interface Selection {
  readonly product?: Product;
  readonly roles?: readonly Role[];
  /** Rows whose range has it. */
  readonly port?: number;
  readonly direction?: Direction;
  readonly loadBalanced?: boolean;
}

export function selectRows(selection: Selection): readonly CatalogueRow[] {
  const { product, roles, port, direction, loadBalanced } = selection;
  return CATALOGUE.filter(
    (row) =>
      (product === undefined || row.product === product) &&
      (roles === undefined || roles.includes(row.role)) &&
      (port === undefined || (row.port <= port && port <= row.portEnd)) &&
      (direction === undefined || row.direction === direction) &&
      (loadBalanced === undefined || row.loadBalanced === loadBalanced),
  );
}

/** Why a selection has no row, and what is nearest to it. @param selection one that has none */
export function whyNone(selection: Selection): string {
  const { product, roles, port } = selection;
  const within = selectRows({ ...(product && { product }), ...(roles && { roles }) });
  if (within.length === 0) {
    const has = [...new Set(selectRows(product ? { product } : {}).map((row) => row.role))];
    return `${product ?? 'The catalogue'} has no role ${(roles ?? []).join(', ')}. It has: ${has.join(', ')}.`;
  }
  if (port !== undefined && !within.some((row) => row.port <= port && port <= row.portEnd)) {
    const where = [product, ...(roles ?? [])].filter((word) => word !== undefined).join(' ');
    const near = nearestPorts(port, within).join(' and ');
    return `No row${where === '' ? '' : ` of ${where}`} has port ${port}. Nearest to it: ${near}.`;
  }
  return 'Rows fit each of these options, but none fits all of them. Leave one out.';
}

/** One below and one above, where there are. */
function nearestPorts(port: number, rows: readonly CatalogueRow[]): readonly number[] {
  const below = rows.map((row) => row.portEnd).filter((end) => end < port);
  const above = rows.map((row) => row.port).filter((first) => first > port);
  return [
    ...(below.length > 0 ? [Math.max(...below)] : []),
    ...(above.length > 0 ? [Math.min(...above)] : []),
  ];
}
