/** The table of all formats. */
import type { LoadedConfig } from '../../config/loaded.ts';
import { exportHaproxy } from './haproxy/haproxy.ts';
import { exportKeepalived } from './keepalived/keepalived.ts';
import { exportNftables } from './nftables/nftables.ts';
import type { Exported, Format } from './remark.ts';

export const EXPORTERS: Readonly<Record<Format, (config: LoadedConfig) => Exported>> = {
  haproxy: exportHaproxy,
  keepalived: exportKeepalived,
  nftables: exportNftables,
};
