/** Where state lives: the same rule for the daemon, which writes the token there, and for the CLI, which reads it. */
import { homedir } from 'node:os';
import { join } from 'node:path';

export const TOKEN_FILE = 'admin-token';

export function stateDir(env: Readonly<Record<string, string | undefined>>, isRoot: boolean): string {
  if (env['POOLGATE_STATE_DIR']) return env['POOLGATE_STATE_DIR'];
  if (isRoot) return '/var/lib/poolgate';
  const base = env['XDG_STATE_HOME'];
  // The XDG specification has relative paths ignored.
  return join(base?.startsWith('/') ? base : join(env['HOME'] || homedir(), '.local/state'), 'poolgate');
}

export function isRoot(): boolean {
  return process.geteuid?.() === 0;
}
