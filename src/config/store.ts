/**
 * Replaces the config file so that whoever reads it, at whatever moment and also after a power cut, finds either the
 * old text or the new one whole. Everything that can fail for want of room or rights is done before the old file goes.
 */
import { randomBytes } from 'node:crypto';
import { type FileHandle, open, readFile, realpath, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { syncFolder } from '../lib/atomic-file.ts';
import { PoolgateError } from '../lib/errors.ts';
import { hashText } from './hash.ts';

export { hashText } from './hash.ts';

/** A text that lies beside the file, complete and on disk, waiting to take its place. */
export interface StagedConfig {
  /** @throws PoolgateError CONFIG_CHANGED, SYSTEM; the file is then as it was */
  commit(): Promise<void>;
  discard(): Promise<void>;
}

/**
 * Puts the new text beside the file, with the file's own mode and owner. A symbolic link is followed, so that it
 * stays a link and the file it names is replaced.
 * @param expectedHash of the text that the change was made from
 * @throws PoolgateError CONFIG_CHANGED when the file holds neither that text nor already the new one; SYSTEM
 */
export async function stageConfigFile(
  path: string,
  text: string,
  expectedHash: string,
): Promise<StagedConfig> {
  const file = await refuseIfGone(path, () => realpath(path));
  const accepted = [expectedHash, hashText(text)];
  await checkUnchanged(file, accepted);
  const temporary = join(dirname(file), `.${basename(file)}.${randomBytes(6).toString('hex')}.tmp`);
  await orSystem(`write ${temporary}`, () => writeBeside(file, temporary, text));
  let waiting = true;
  const discard = async (): Promise<void> => {
    if (!waiting) return;
    waiting = false;
    await unlink(temporary).catch(() => {});
  };
  return {
    discard,
    commit: async () => {
      if (!waiting) return;
      try {
        await checkUnchanged(file, accepted);
        await orSystem(`replace ${file}`, () => rename(temporary, file));
        waiting = false;
      } catch (error) {
        await discard();
        throw error;
      }
      await syncFolder(dirname(file));
    },
  };
}

/** Stages and commits in one go. @throws PoolgateError CONFIG_CHANGED, SYSTEM */
export async function writeConfigFile(path: string, text: string, expectedHash: string): Promise<void> {
  const staged = await stageConfigFile(path, text, expectedHash);
  await staged.commit();
}

async function checkUnchanged(file: string, accepted: readonly string[]): Promise<void> {
  const onDisk = await refuseIfGone(file, () => readFile(file, 'utf8'));
  if (accepted.includes(hashText(onDisk))) return;
  throw new PoolgateError('CONFIG_CHANGED', `${file} changed on disk since it was last read.`);
}

async function writeBeside(file: string, temporary: string, text: string): Promise<void> {
  const { mode, uid, gid } = await stat(file);
  // Nobody else may read it before it has the mode of the file it replaces.
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(text, 'utf8');
    await keepOwner(handle, uid, gid);
    await handle.chmod(mode & 0o7777);
    await handle.sync();
  } catch (error) {
    await unlink(temporary).catch(() => {});
    throw error;
  } finally {
    await handle.close();
  }
}

/** Only where they differ: a change that changes nothing is refused too, for want of privilege. */
async function keepOwner(handle: FileHandle, uid: number, gid: number): Promise<void> {
  const own = await handle.stat();
  if (own.uid !== uid || own.gid !== gid) await handle.chown(uid, gid);
}

async function refuseIfGone<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw systemError(`read ${path}`, error);
    throw new PoolgateError('CONFIG_CHANGED', `${path} is gone since it was last read.`, {
      hint: 'Put the file back (`poolgate config show` prints the running one), then make your change again.',
    });
  }
}

async function orSystem<T>(what: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw systemError(what, error);
  }
}

function systemError(what: string, cause: unknown): PoolgateError {
  return new PoolgateError('SYSTEM', `Cannot ${what}: ${(cause as Error).message}.`, { cause });
}
