/**
 * The kinds of value that fields have. A message goes on from "KEY …", so that it reads `weight must be a whole
 * number from 0 to 65535`; `params.hint` of an issue says what to write instead.
 */
import { z } from 'zod';
import { parseAddress } from './address.ts';
import { parseAddressRange } from './address-range.ts';
import { parseInterfaceAddress, parseNetwork, type ParsedCidr } from './cidr.ts';
import { DURATION, formatDuration, parseDuration } from './duration.ts';
import { parsePortRange } from './ports.ts';

/** What a person reads where a value comes from a short list; also the JSON Schema's enum. */
export function choice<const T extends readonly [string, ...string[]]>(values: T) {
  return z.enum(values, { error: `must be ${listOf(values)}` });
}

export function whole(min: number, max: number, unit = '') {
  const error = `must be a whole number from ${min} to ${max}${unit && ` ${unit}`}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

export function yesNo() {
  return z.boolean({ error: 'must be true or false' });
}

export const port = (): z.ZodInt => whole(1, 65_535);

/** 0 is drain. */
export const weight = (): z.ZodInt => whole(0, 65_535);

/** @param min,max bounds, as durations */
export function duration(min: string, max: string) {
  const error = `must be a duration from ${min} to ${max}`;
  const [least, most] = [parseDuration(min) ?? 0, parseDuration(max) ?? 0];
  return z
    .string({ error: `${error}, with its unit` })
    .regex(DURATION, { error: `${error}: a whole number and ms, s, m or h`, abort: true })
    .superRefine((text, ctx) => {
      const ms = parseDuration(text);
      if (ms !== null && ms >= least && ms <= most) return;
      const near = formatDuration(ms !== null && ms < least ? least : most);
      ctx.addIssue({
        code: 'custom',
        message: error,
        params: { hint: `Write \`${near}\` or a value within these.` },
      });
    });
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** Without `/`, which joins pool and server, and without `:`, which marks the fallback. */
export function name() {
  const error =
    'must be a name of 1 to 63 letters, digits, `.`, `_` and `-` that starts with a letter or digit';
  return z.string({ error }).regex(NAME, { error });
}

const FQDN =
  /^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;

export function fqdn() {
  const error = 'must be a DNS name such as ocspool.contoso.com';
  return z.string({ error }).regex(FQDN, { error });
}

/** Words for which there is no stricter rule: interface names, paths. No control characters, 1 to `max` characters. */
export function text(what: string, max: number) {
  const error = `must be ${what} (1 to ${max} characters)`;
  return z
    .string({ error })
    .min(1, { error })
    .max(max, { error })
    .regex(/^\P{Cc}*$/u, { error });
}

/** The path and query of an HTTP request: no space and no line end, which would end the request line. */
export function requestPath() {
  const error = 'must be a path such as /status, without spaces (1 to 1024 characters)';
  return z
    .string({ error })
    .max(1024, { error })
    .regex(/^\/[\x21-\x7e]*$/, { error });
}

/** Of a file on this machine; a relative one would depend on where the daemon was started. */
export function absolutePath() {
  const error = 'must be an absolute path such as /etc/ssl/contoso.pem';
  return z
    .string({ error })
    .max(1024, { error })
    .regex(/^\/\P{Cc}+$/u, { error });
}

export function address() {
  return z.string({ error: 'must be an IPv4 or IPv6 address' }).superRefine((value, ctx) => {
    const parsed = parseAddress(value);
    if (parsed.ok) return;
    ctx.addIssue({
      code: 'custom',
      message: `must be an IP address; ${JSON.stringify(value.slice(0, 80))} ${parsed.problem}`,
      params: { hint: parsed.hint },
    });
  });
}

/** `10.0.0.44` or `10.0.0.44-10.0.0.47`. */
export function addressRange() {
  return z.string({ error: 'must be an address or a range of addresses' }).superRefine((value, ctx) => {
    const parsed = parseAddressRange(value);
    if (parsed.ok) return;
    ctx.addIssue({
      code: 'custom',
      message: `must be an address or a range of addresses; ${JSON.stringify(value.slice(0, 80))} ${parsed.problem}`,
      params: { hint: parsed.hint },
    });
  });
}

/** `192.168.0.40/24`: an address of this machine with the size of its network. */
export function interfaceAddress() {
  return cidr('must be an address with its prefix length', parseInterfaceAddress);
}

/** `10.0.0.0/24`, or a single address. */
export function network() {
  return cidr('must be a network or an address', parseNetwork);
}

function cidr(error: string, parse: (text: string) => ParsedCidr) {
  return z.string({ error }).superRefine((value, ctx) => {
    const parsed = parse(value);
    if (parsed.ok) return;
    const message = `${error}; ${JSON.stringify(value.slice(0, 80))} ${parsed.problem}`;
    ctx.addIssue({ code: 'custom', message, params: { hint: parsed.hint } });
  });
}

/** `"50000-50019"`. */
export function portRange() {
  const error = 'must be a range of ports such as 50000-50019, the lower port first';
  return z.string({ error }).refine((value) => parsePortRange(value) !== null, { error });
}

export function list<T extends z.ZodType>(item: T, what: string, min: number, max: number) {
  const error = `must be a list of ${min} to ${max} ${what}`;
  return z.array(item, { error }).min(min, { error }).max(max, { error });
}

/** A map with these keys and no other. */
export function section<T extends z.ZodRawShape>(shape: T) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'invalid_type' ? 'must be a map of keys' : undefined),
  });
}

function listOf(values: readonly string[]): string {
  return values.length === 1 ? `${values[0]}` : `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;
}
