/** The demo as a live picture in a terminal. */
import { printable } from '../cli/text.ts';
import { Controls, keysFor } from './controls.ts';
import { sceneOf, SEVERITY_LOOKS } from './scene.ts';
import type { LogEntry } from '../cli/terminal/log-lines.ts';
import { Screen } from '../cli/terminal/screen.ts';
import type { Rig } from './rig.ts';
import type { Show } from './show.ts';
import { type Look, toText } from '../cli/terminal/spans.ts';
import { render, type Scene } from './view.ts';

export interface LiveOptions {
  readonly colour: boolean;
  readonly withKeys: boolean;
  /** ms since the demo began. */
  readonly elapsedMs: () => number;
  readonly onQuit: () => void;
  /** Leave the tour. */
  readonly onSkip: () => void;
}

/** Ten pictures a second move smoothly enough, for one percent of a processor. */
const FRAME_MS = 100;
/** More than a window has lines. */
const KEPT_LOG = 200;

export class LiveShow implements Show {
  readonly #options: LiveOptions;
  readonly #screen: Screen;
  readonly #timer: NodeJS.Timeout;
  readonly #controls: Controls;
  readonly #log: LogEntry[] = [];
  #rig: Rig | null = null;
  #chapter: Scene['chapter'] = { number: 0, of: 0, title: 'Starting three servers and the balancer' };
  #text = '';
  #look = '';

  constructor(options: LiveOptions) {
    this.#options = options;
    this.#controls = new Controls({
      onQuit: options.onQuit,
      onSkip: options.onSkip,
      onProblem: (text) => this.#note(new Date(), text, 'red'),
    });
    this.#screen = new Screen({
      output: process.stdout,
      input: options.withKeys ? process.stdin : null,
      onKey: (key) => this.#controls.press(key),
      onResize: () => this.#draw(),
    });
    this.#timer = setInterval(() => this.#draw(), FRAME_MS);
    this.#draw();
  }

  begin(rig: Rig): void {
    this.#rig = rig;
  }

  chapter(number: number, of: number, title: string): void {
    this.#chapter = { number, of, title };
    this.say('');
  }

  say(text: string, look = ''): void {
    this.#text = text;
    this.#look = look;
    this.#draw();
  }

  /** From now on keys act on servers. */
  handOver(): void {
    if (this.#rig) this.#controls.take(this.#rig);
  }

  onEvent({ at, message, severity }: Parameters<Show['onEvent']>[0]): void {
    this.#note(new Date(at), message, SEVERITY_LOOKS[severity]);
  }

  onAnswer(): void {}

  onTrouble(): void {}

  claim({ ok, title, text }: Parameters<Show['claim']>[0]): void {
    this.#note(new Date(), `${ok ? '✓' : '✗'} ${title}: ${text}`, ok ? 'green' : 'red');
  }

  close(): void {
    clearInterval(this.#timer);
    this.#screen.close();
  }

  #note(at: Date, text: string, look: Look | undefined): void {
    this.#log.push({ at: at.toTimeString().slice(0, 8), text: printable(text), look });
    if (this.#log.length > KEPT_LOG) this.#log.shift();
  }

  #draw(): void {
    const { colour, withKeys, elapsedMs } = this.#options;
    const chosen = this.#controls.chosen;
    const scene = sceneOf(this.#rig, {
      elapsedMs: elapsedMs(),
      chapter: this.#chapter,
      text: this.#text,
      look: this.#look,
      log: this.#log,
      keys: withKeys ? keysFor(chosen) : [['Ctrl-C', 'ends it']],
      chosen,
    });
    this.#screen.draw(render(scene, this.#screen.size).map((line) => toText(line, colour)));
  }
}
