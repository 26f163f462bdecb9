/** The table as it stands: written where it has to say something else, put back where somebody took it away. */
import type { Rendering } from '../maps/render.ts';
import { applyTranslation, removeTranslation, tableStands } from './table.ts';
import type { Source, Target, Translation } from './translation.ts';

export class StandingTable {
  private readonly rest: Pick<Translation, 'forwarding' | 'noRedirects'>;
  private standing: Translation | null = null;

  constructor({ forwarding, noRedirects }: Pick<Translation, 'forwarding' | 'noRedirects'>) {
    this.rest = { forwarding, noRedirects };
  }

  /**
   * Marks of packets on their way may name what has just gone: it stays until the next change.
   * @throws PoolgateError SYSTEM
   */
  async follow({
    targets,
    sources,
    translated,
  }: Pick<Rendering, 'targets' | 'sources' | 'translated'>): Promise<void> {
    const next: Translation = {
      targets: withLeftovers(targets, this.standing?.targets ?? []),
      sources: withLeftovers(sources, this.standing?.sources ?? []),
      services: translated,
      ...this.rest,
    };
    if (this.standing && JSON.stringify(next) === JSON.stringify(this.standing)) return;
    await applyTranslation(next);
    this.standing = { ...next, targets, sources };
  }

  /** Makes it again if it is gone. @returns whether it was. @throws PoolgateError SYSTEM */
  async restore(): Promise<boolean> {
    if (this.standing === null || (await tableStands())) return false;
    await applyTranslation(this.standing);
    return true;
  }

  /** @throws PoolgateError SYSTEM */
  remove(): Promise<void> {
    return removeTranslation();
  }
}

function withLeftovers<T extends Target | Source>(next: readonly T[], before: readonly T[]): T[] {
  const numbers = new Set(next.map(({ number }) => number));
  return [...next, ...before.filter(({ number }) => !numbers.has(number))];
}
