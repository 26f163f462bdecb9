/** Files of the state directory: whoever reads one, also after a power cut, finds the old or the new whole. */
import { mkdir, open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Only its owner can read the file, and a folder that is made for it. Nothing is left behind when it fails.
 * @throws Error of the file system; what was there is then as it was
 */
export async function writeAtomically(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}.new`;
  try {
    const file = await open(draft, 'w', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await unlink(draft).catch(() => {});
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Makes a rename in the folder outlive a power cut. The new name is in force by now, so a refusal changes nothing. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    await handle.sync().finally(() => handle.close());
  } catch {
    // Some file systems have no fsync of folders; there the rename is as durable as they make it.
  }
}
