/** The token of the first start: made once, kept in a file that only its owner can read. */
import { chmod, link, mkdir, open, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { newSecret } from '../api/tokens.ts';
import { PoolgateError } from '../lib/errors.ts';
import { TOKEN_FILE } from './state-dir.ts';

export interface AdminToken {
  readonly secret: string;
  readonly file: string;
  readonly created: boolean;
}

/**
 * Reads `<directory>/admin-token`, or makes directory (0700) and file (0600) with 32 random bytes.
 * @throws PoolgateError SYSTEM when the directory cannot be made or used, or the file holds no token
 */
export async function adminToken(directory: string): Promise<AdminToken> {
  const file = join(directory, TOKEN_FILE);
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const made = await createToken(file);
    if (made !== null) return { secret: made, file, created: true };
    // Whoever loosened the mode may have done so by a copy; the secret is no longer one if others can read it.
    await chmod(file, 0o600);
    return { secret: checked((await readFile(file, 'utf8')).trim(), file), file, created: false };
  } catch (error) {
    if (error instanceof PoolgateError) throw error;
    throw new PoolgateError(
      'SYSTEM',
      `Cannot use the state directory ${directory}: ${(error as Error).message}`,
      {
        cause: error,
        hint: 'Make it writable for the user that runs Poolgate, or name another one by $POOLGATE_STATE_DIR.',
      },
    );
  }
}

/**
 * The new secret; null when the file is there already. Written aside and linked into place: of two first starts at
 * once one makes it, and the other finds it whole.
 */
async function createToken(file: string): Promise<string | null> {
  const secret = newSecret();
  const aside = `${file}.${process.pid}.${newSecret().slice(0, 8)}`;
  const handle = await open(aside, 'wx', 0o600);
  try {
    await handle.writeFile(`${secret}\n`);
    await handle.sync();
    await link(aside, file);
    return secret;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return null;
    throw error;
  } finally {
    await handle.close();
    await unlink(aside);
  }
}

function checked(secret: string, file: string): string {
  if (/^[\x21-\x7e]{16,512}$/.test(secret)) return secret;
  throw new PoolgateError('SYSTEM', `${file} does not hold a token of at least 16 characters.`, {
    hint: 'Remove the file; the next start makes a new one.',
  });
}
