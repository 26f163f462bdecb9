/** What every importer is. */
import type { Draft } from './draft.ts';
import type { Report } from './report.ts';

export interface ImportOptions {
  /** What "every address" of the file means; null: the administrator fills it in later. */
  readonly vip: string | null;
  /** Addresses of names that the file has instead of addresses; names in lower case. */
  readonly addresses: ReadonlyMap<string, string>;
  /** Whether sections of one address with the same servers become one pool. */
  readonly merge: boolean;
  /** Variables that the file may ask for. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Never throws; what it cannot translate it tells. */
export type Importer = (text: string, options: ImportOptions, report: Report) => Draft;
