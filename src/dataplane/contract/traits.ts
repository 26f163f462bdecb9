/** Where data planes differ in what can be seen of them, and why. Everything else in the contract is the same for all. */

/**
 * A plane that opens connections to servers itself has accepted a client by the time that it finds no server for it, hears
 * itself what servers refuse (and can try another one), takes source ports of UDP itself (and knows when none is left),
 * binds its ports so that no other program can, sees datagrams whole, and may stand between address families. One that
 * translates packets answers the SYN, and passes on to the client what its server says.
 */
export interface Traits {
  readonly opensItself: boolean;
  /** IPv6: where clients go, and where servers are. */
  readonly vip6: string;
  /** Two where they can have a port in common. */
  readonly servers6: readonly [string, ...string[]];
  /** Where a client that says nothing of itself comes from, and the network that it is in. */
  readonly client6: string;
  readonly clients6: string;
}

export const PROXY: Traits = {
  opensItself: true,
  vip6: '::1',
  servers6: ['::1'],
  client6: '::1',
  clients6: '::/64',
};

export const KERNEL: Traits = {
  opensItself: false,
  vip6: 'fd00:9::9',
  servers6: ['fd00:1::61', 'fd00:1::62'],
  client6: 'fd00:1::1',
  clients6: 'fd00:1::/64',
};

/** What a client sees that is turned away at a limit. */
export function turnedAway({ opensItself }: Traits): 'ECONNRESET' | 'ECONNREFUSED' {
  return opensItself ? 'ECONNRESET' : 'ECONNREFUSED';
}
