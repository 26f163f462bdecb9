/** One row of what the planted servers show: how a server behaves, how it is asked, and the word for it. */
import type { CheckType, HttpWishes, SipWishes, TlsWishes } from '../../model/effective.ts';
import type { CheckResult } from '../../state/contract.ts';
import type { Plant } from './listen.ts';

export interface Behaviour {
  readonly server: string;
  readonly type: CheckType;
  readonly plant: Plant;
  readonly tls?: Partial<TlsWishes>;
  readonly http?: Partial<HttpWishes>;
  readonly sip?: Partial<SipWishes>;
  readonly result: CheckResult;
  /** The verdict comes at the timeout, though it is no timeout's: until then a right answer may still come. */
  readonly waits?: true;
  /** What the text must be, or match; not given: anything. */
  readonly text?: string | RegExp;
}
