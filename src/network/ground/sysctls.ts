/** Settings of the kernel's network (sysctl(8)) by their path below /proc/sys/net: a dot may be part of an interface's name. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PoolgateError } from '../../lib/errors.ts';

export interface Sysctls {
  /** @param path such as `ipv4/conf/eth0/forwarding`; null: the kernel has none of this name */
  read(path: string): string | null;
  /** @throws PoolgateError SYSTEM */
  write(path: string, value: string): void;
  /** Names of the interfaces that have settings for IPv6. */
  interfaces6(): readonly string[];
}

const FOLDER = '/proc/sys/net';

export const machineSysctls: Sysctls = {
  read(path) {
    try {
      return readFileSync(join(FOLDER, path), 'utf8').trim();
    } catch {
      return null;
    }
  },
  write(path, value) {
    try {
      writeFileSync(join(FOLDER, path), `${value}\n`);
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      const hint =
        'It takes root or CAP_NET_ADMIN, and a /proc/sys that can be written (in a service unit `ProtectKernelTunables=no`).';
      throw new PoolgateError('SYSTEM', `Cannot set ${join(FOLDER, path)} to ${value}: ${words}.`, { hint });
    }
  },
  interfaces6() {
    try {
      return readdirSync(join(FOLDER, 'ipv6/conf')).filter((name) => name !== 'all' && name !== 'default');
    } catch {
      return [];
    }
  },
};
