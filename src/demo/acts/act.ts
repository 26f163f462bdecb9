import type { Claim, Stage } from '../stage.ts';

/** A part of the tour: something happens, is told, and must be seen. */
export interface Act {
  readonly title: string;
  /** Yields each claim as it is proved or refuted. @throws the stage's signal's reason when the tour is left */
  play(stage: Stage): AsyncGenerator<Claim, void>;
}
