/**
 * Every error a person can meet, in one table: who can mend it and what to do about it. Messages are written where
 * the error is thrown, because only there the facts are known; codes, blame and default hints stand here and the
 * reference page of errors is generated from them.
 */
export const ERRORS = {
  CONFIG_SYNTAX: { blame: 'operator', hint: 'Correct the YAML at the place shown.' },
  CONFIG_INVALID: {
    blame: 'operator',
    hint: 'Correct the values shown; `poolgate check FILE` shows them all.',
  },
  CONFIG_CHANGED: {
    blame: 'operator',
    hint: 'Somebody else edited the file. Reload it first (SIGHUP), then make your change again.',
  },
  CONFIG_UNREADABLE: { blame: 'operator', hint: 'Check the path and the permissions of the file.' },
  NOT_AVAILABLE: {
    blame: 'operator',
    hint: 'Remove the key, or set it to the value that the message names.',
  },
  NOTHING_TO_EXPORT: {
    blame: 'operator',
    hint: '`docs/reference/export.md` says what each program can have; try another one.',
  },
  TOO_LARGE_FOR_MACHINE: {
    blame: 'operator',
    hint: 'Use fewer ports or workers, or raise the limit that the message names.',
  },
  PLANE_UNAVAILABLE: {
    blame: 'operator',
    hint: 'Mend what the message names, or write dataPlane: proxy.',
  },
  ADDRESS_IN_USE: {
    blame: 'operator',
    hint: 'Find the other program with `ss -lntup`, or choose another address.',
  },
  ADDRESS_MISSING: {
    blame: 'operator',
    hint: 'Name the interface for it in topology.interface, add the address to this machine (`ip address add`), or correct the VIP.',
  },
  ADDRESS_DUPLICATE: {
    blame: 'operator',
    hint: 'Take the address from the machine with that MAC, or correct the VIP in the config.',
  },
  INTERFACE_MISSING: {
    blame: 'operator',
    hint: '`ip link` lists the interfaces; correct topology.interface.',
  },
  INTERFACE_BUSY: {
    blame: 'operator',
    hint: '`ip address` shows who uses it; name another interface in `topology`.',
  },
  ADDRESS_FORBIDDEN: {
    blame: 'operator',
    hint: 'Ports below 1024 need root or CAP_NET_BIND_SERVICE (`setcap` or the service unit).',
  },
  RESTART_NEEDED: {
    blame: 'operator',
    hint: 'Put the new value in the file and restart Poolgate, or leave the key as it is.',
  },
  STOPPING: { blame: 'operator', hint: 'Start it again first.' },
  UNKNOWN_SERVER: { blame: 'operator', hint: '`poolgate servers` lists the names; write POOL/SERVER.' },
  AMBIGUOUS_SERVER: {
    blame: 'operator',
    hint: 'Several pools have a server of this name; write POOL/SERVER.',
  },
  UNKNOWN_CONFIG: { blame: 'operator', hint: '`poolgate history` lists the numbers.' },
  UNKNOWN_CONNECTION: { blame: 'operator', hint: '`poolgate connections` lists the ids.' },
  UNKNOWN_ROLE: {
    blame: 'operator',
    hint: '`poolgate ports` lists products and roles; write PRODUCT/ROLE, such as ocs-2007-r2/front-end.',
  },
  UNKNOWN_PARTY: {
    blame: 'operator',
    hint: 'Name one of those that `poolgate firewall` shows for this role or config.',
  },
  BAD_REQUEST: { blame: 'operator', hint: 'See /api/v1/openapi.json for what this request takes.' },
  UNAUTHORIZED: {
    blame: 'operator',
    hint: 'Send "Authorization: Bearer TOKEN"; the token stands in <state>/admin-token.',
  },
  FORBIDDEN: {
    blame: 'operator',
    hint: 'Ask the admin API by a loopback name, with a token whose role allows the request, and not from another site.',
  },
  BUSY: { blame: 'operator', hint: 'Close a stream that nobody reads any more, or try again in a moment.' },
  STARTING: { blame: 'operator', hint: 'The balancer is starting or stopping; try again in a moment.' },
  NOT_FOUND: { blame: 'operator', hint: 'See /api/v1/openapi.json for what there is.' },
  DAEMON_UNREACHABLE: {
    blame: 'operator',
    hint: 'Is it running? Name its address by --url or $POOLGATE_URL.',
  },
  SYSTEM: { blame: 'system', hint: 'The operating system refused; the message holds its own words.' },
  INTERNAL: { blame: 'us', hint: 'A defect of Poolgate. Please report it with the message.' },
} as const satisfies Record<
  string,
  { blame: 'operator' | 'client' | 'server' | 'system' | 'us'; hint: string }
>;

export type ErrorCode = keyof typeof ERRORS;

/** An error that is meant to be read by a person. `hint` says what to do; it comes from the table if not given. */
export class PoolgateError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'PoolgateError';
    this.code = code;
    this.hint = options.hint ?? ERRORS[code].hint;
  }
}
