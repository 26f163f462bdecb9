/** What an export says of itself: each value of the config that the other program takes differently, or not at all. */
import type { Aspect } from './coverage.ts';

/** The programs that a config can be exported to. */
export const FORMATS = ['haproxy', 'keepalived', 'nftables'] as const;
export type Format = (typeof FORMATS)[number];

/**
 * `lost`: not expressed. `changed`: expressed, and works differently. `note`: either, of a value that nobody wrote: the
 * schema's own default.
 */
export type RemarkKind = 'lost' | 'changed' | 'note';

export interface Remark {
  readonly kind: RemarkKind;
  readonly aspect: Aspect;
  /** As in `poolgate config show --effective`: `virtualServices[ocs].ports`. */
  readonly path: string;
  /** The value, as the config would say it; empty where the path says enough. */
  readonly value: string;
  /** A clause without a full stop. */
  readonly text: string;
}

export interface Exported {
  /** The other program's file. */
  readonly text: string;
  /** In the order of the file, each once; each stands in `text` too, at its place. */
  readonly remarks: readonly Remark[];
}

/** One line, as in the file's comments and on stderr. */
export function remarkText({ kind, path, value, text }: Remark): string {
  return `${kind}: ${path}${value === '' ? '' : ` ${value}`}: ${text}`;
}
