const NONE = -1;
/** Granularity of every timeout of the data plane, in milliseconds. */
export const TICK_MS = 50;
/** 65,536 ticks: deadlines up to 54 minutes ahead in one turn; later ones come by again and are put back. */
const TICKS = 65_536;
/**
 * How far ahead the next deadline is looked for: an idle worker wakes once in this many ticks. It must wake at all,
 * because a thread that sleeps in the kernel for ever keeps process.exit() waiting for ever.
 */
const LOOK_AHEAD = 20;

/**
 * Deadlines of many things at O(1) each, as in Varghese and Lauck, "Hashed and Hierarchical Timing Wheels" (1987):
 * a ring of lists, one list a tick. Things are small numbers; a thing has at most one deadline.
 */
export class TimingWheel {
  private readonly heads = new Int32Array(TICKS).fill(NONE);
  private readonly next: Int32Array;
  private readonly previous: Int32Array;
  /** Where a thing is: its tick's slot, or NONE. */
  private readonly slotOf: Int32Array;
  private tick: number;
  private scheduled = 0;

  constructor(capacity: number, now: number) {
    this.next = new Int32Array(capacity);
    this.previous = new Int32Array(capacity);
    this.slotOf = new Int32Array(capacity).fill(NONE);
    this.tick = Math.floor(now / TICK_MS);
  }

  /** Sets the deadline of a thing that has none; it fires no earlier than `deadline` and at most a tick later. */
  add(thing: number, deadline: number): void {
    const wanted = Math.ceil(deadline / TICK_MS);
    const slot = Math.min(Math.max(wanted, this.tick + 1), this.tick + TICKS - 1) % TICKS;
    const head = this.heads[slot] as number;
    this.next[thing] = head;
    this.previous[thing] = NONE;
    if (head !== NONE) this.previous[head] = thing;
    this.heads[slot] = thing;
    this.slotOf[thing] = slot;
    this.scheduled++;
  }

  remove(thing: number): void {
    const slot = this.slotOf[thing] as number;
    if (slot === NONE) return;
    const next = this.next[thing] as number;
    const previous = this.previous[thing] as number;
    if (previous === NONE) this.heads[slot] = next;
    else this.next[previous] = next;
    if (next !== NONE) this.previous[next] = previous;
    this.slotOf[thing] = NONE;
    this.scheduled--;
  }

  /** Calls back for each thing whose tick has come; the callback may add it again, or remove any other. */
  advance(now: number, due: (thing: number) => void): void {
    const until = Math.floor(now / TICK_MS);
    if (this.scheduled === 0) this.tick = Math.max(this.tick, until);
    while (this.tick < until) {
      this.tick++;
      const slot = this.tick % TICKS;
      // What the callbacks add lies at least one tick ahead, so this list only shrinks.
      for (let thing = this.heads[slot] as number; thing !== NONE; thing = this.heads[slot] as number) {
        this.remove(thing);
        due(thing);
      }
    }
  }

  /** Milliseconds until something may be due; a second when that is further away, or nothing is scheduled. */
  waitMs(now: number): number {
    if (this.scheduled === 0) return LOOK_AHEAD * TICK_MS;
    let ahead = 1;
    while (ahead < LOOK_AHEAD && this.heads[(this.tick + ahead) % TICKS] === NONE) ahead++;
    return Math.max(0, Math.ceil((this.tick + ahead) * TICK_MS - now));
  }
}
