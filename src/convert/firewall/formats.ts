/** The table of formats that firewalls are written in. */
import type { Firewall } from './flow.ts';
import { iptablesText } from './iptables.ts';
import { nftablesText } from './nftables.ts';
import { sheetText } from './sheet.ts';
import { windowsText } from './windows.ts';

export const FIREWALL_FORMATS = {
  nftables: nftablesText,
  iptables: iptablesText,
  windows: windowsText,
  csv: sheetText,
} as const satisfies Record<string, (firewall: Firewall) => string>;
