/** Where the demo is seen: lines of text, or a live view. */
import type { Rig, RigListener } from './rig.ts';
import type { Claim } from './stage.ts';

export interface Show extends RigListener {
  /** Everything is up. */
  begin(rig: Rig): void;
  /** @param number from 1; 0 stands for what comes before and after the tour */
  chapter(number: number, of: number, title: string): void;
  /** @param look what to look at, where there is a picture */
  say(text: string, look?: string): void;
  claim(claim: Claim): void;
  /** Gives the terminal back. Safe to call twice. */
  close(): void;
}
