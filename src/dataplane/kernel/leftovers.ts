/** A kernel data plane that nobody goes on with: its process ended, and the next one runs another plane. */
import { unpin } from './bpf/program.ts';
import { release } from './kernel-plane.ts';
import { removeTranslation } from './nat/table.ts';
import { leavePlaces, type Places } from './places.ts';
import { RunFile } from './run-file.ts';

/**
 * Takes its programs, table and maps away; its connections are no longer translated.
 * @returns whether there was one
 * @throws PoolgateError SYSTEM
 */
export async function removeLeftovers(places: Places): Promise<boolean> {
  const file = new RunFile(places.runFolder);
  const kept = await file.read();
  if (kept === null) return false;
  for (const index of kept.interfaces) release(index);
  await removeTranslation();
  unpin(places.pins);
  await file.remove();
  leavePlaces(places);
  return true;
}
