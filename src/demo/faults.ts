/** Makes servers fail and mends them, and remembers when. */
import type { FrontEnd } from './front-end.ts';
import type { Fault } from './judgement.ts';
import type { ServerName } from './site.ts';

export class Faults {
  readonly #frontEnds: ReadonlyMap<ServerName, FrontEnd>;
  readonly #list: Fault[] = [];

  constructor(frontEnds: readonly FrontEnd[]) {
    this.#frontEnds = new Map(frontEnds.map((frontEnd) => [frontEnd.name, frontEnd]));
  }

  get list(): readonly Fault[] {
    return this.#list;
  }

  isFailed(server: ServerName): boolean {
    return this.#frontEnds.get(server)?.failed ?? false;
  }

  /** Requests that the server itself says it answered. */
  answeredBy(server: ServerName): number {
    return this.#frontEnds.get(server)?.answered ?? 0;
  }

  /** Shuts its control port. Resolves to when, in ms since 1970. */
  async fail(server: ServerName): Promise<number> {
    const failedAt = Date.now();
    this.#list.push({ server, failedAt, mendedAt: null });
    await this.#frontEnds.get(server)?.fail();
    return failedAt;
  }

  async mend(server: ServerName): Promise<number> {
    await this.#frontEnds.get(server)?.mend();
    const mendedAt = Date.now();
    const fault = this.#list.findLast((f) => f.server === server);
    if (fault) fault.mendedAt ??= mendedAt;
    return mendedAt;
  }

  async mendAll(): Promise<void> {
    for (const [server, frontEnd] of this.#frontEnds) if (frontEnd.failed) await this.mend(server);
  }
}
