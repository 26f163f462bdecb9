/** What the schema finds wrong, in words, with the nearest known key or value. */
import type { z } from 'zod';
import { nearest } from '../lib/nearest.ts';
import type { Path } from '../model/path.ts';
import { formatPath, valueAt } from '../model/path.ts';
import { keysAt } from '../model/walk.ts';
import type { RuleId } from '../profiles/profile.ts';
import { FINDING_CODES, type FindingCodeName } from './finding-codes.ts';
import type { Severity } from './findings.ts';

/** Something wrong at a path; the place in the file is found later. */
export interface PathProblem {
  readonly rule: FindingCodeName | RuleId;
  readonly severity: Severity;
  readonly path: Path;
  /** What the caret points at. */
  readonly part: 'key' | 'value';
  readonly message: string;
  readonly hint: string;
  readonly source: string;
}

export const REFERENCE = 'docs/reference/config.md';

type Issue = z.core.$ZodIssue;

/** Of one map; a file with more of them is not a config. */
const MAX_KEYS = 50;

/** @param value what the schema was given */
export function explainIssue(issue: Issue, value: unknown): PathProblem[] {
  const path = issue.path as (string | number)[];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.slice(0, MAX_KEYS).map((key) => unknownKey(path, key));
  if (issue.code === 'invalid_union') return explainUnion(issue, path, value);
  const found = valueAt(value, path);
  if (found === undefined || (found === null && path.length === 0)) return [missing(path)];
  const message = `${path.length === 0 ? 'The file' : `\`${formatPath(path)}\``} ${issue.message}${shown(issue, found)}.`;
  return [problem('CONFIG_INVALID', path, 'value', message, hintOf(issue, found))];
}

/** The branch that the value's own kind chose says what is wrong; when none did, the union as a whole does. */
function explainUnion(issue: z.core.$ZodIssueInvalidUnion, path: Path, value: unknown): PathProblem[] {
  const meant = issue.errors.find(
    (branch) => !branch.some((i) => i.path.length === 0 && i.code === 'invalid_type'),
  );
  if (meant) return meant.flatMap((i) => explainIssue({ ...i, path: [...path, ...i.path] } as Issue, value));
  const message = `\`${formatPath(path)}\` ${issue.message}${shown(issue, valueAt(value, path))}.`;
  return [problem('CONFIG_INVALID', path, 'value', message, '')];
}

function unknownKey(path: Path, key: string): PathProblem {
  const known = keysAt(path);
  const near = nearest(key, known);
  const where = formatPath(path);
  const message = `Unknown key \`${clip(key)}\`${where ? ` in \`${where}\`` : ''}.`;
  const hint = near ? `Did you mean \`${near}\`?` : `Known here: ${known.join(', ')}.`;
  return problem('CONFIG_UNKNOWN_KEY', [...path, key], 'key', message, hint);
}

function missing(path: Path): PathProblem {
  const key = String(path.at(-1) ?? 'file');
  const where = formatPath(path.slice(0, -1));
  const message =
    path.length === 0 ? 'The file is empty.' : `\`${key}\` is missing${where ? ` in \`${where}\`` : ''}.`;
  const hint = path.length === 0 ? 'Start with examples/least.yaml.' : (EXAMPLES[key] ?? '');
  return problem('CONFIG_MISSING_KEY', path, 'value', message, hint);
}

const EXAMPLES: Readonly<Record<string, string>> = {
  version: 'Begin the file with `version: 1`.',
  pools: 'Write `pools:` and below it a list: `- name: ocspool`, with its `realServers`.',
  virtualServices:
    'Write `virtualServices:` and below it a list: `- { name: ocs, vip: 10.0.0.40, pool: ocspool }`.',
  realServers: 'Write `realServers: [{ name: fe01, address: 10.0.0.41 }]`.',
  name: 'Write `name: ` and a name of letters, digits, `.`, `_` and `-`.',
  address: 'Write `address: ` and an IPv4 or IPv6 address.',
  vip: 'Write `vip: ` and the IPv4 or IPv6 address that clients use.',
  pool: 'Write `pool: ` and the name of one of `pools`.',
  port: 'Write `port: ` and a number from 1 to 65535.',
  type: 'Write `type: tcp`.',
};

function hintOf(issue: Issue, found: unknown): string {
  if (issue.code === 'custom' && typeof issue.params?.hint === 'string') return issue.params.hint;
  if (issue.code === 'invalid_value' && typeof found === 'string') {
    const near = nearest(found, issue.values.map(String));
    return near ? `Did you mean \`${near}\`?` : '';
  }
  if (/duration/.test(issue.message)) return durationHint(found);
  if (issue.code === 'invalid_type' && found === null)
    return 'The value is missing; write one, or remove the key.';
  return '';
}

function durationHint(found: unknown): string {
  // Anything may stand there, also what cannot be made a text of, such as `{ toString: 0 }`.
  const written = typeof found === 'string' || typeof found === 'number' ? `${found}` : '';
  const count = /^\s*(\d+)/.exec(written)?.[1];
  return count === undefined
    ? 'Write for example `500ms`, `5s`, `30m` or `1h`.'
    : `Write the unit: \`${count}s\` or \`${count}ms\`.`;
}

/** What was found, where it is short enough to be told from what was wanted. */
function shown(issue: Issue, found: unknown): string {
  if (issue.code === 'custom' && !issue.message.includes('duration')) return '';
  if (typeof found === 'string') return `, not "${clip(found)}"`;
  if (found === null) return ', but it is empty';
  if (Array.isArray(found))
    return issue.code === 'invalid_type' ? ', not a list' : `; it has ${found.length}`;
  return typeof found === 'object' ? ', not a map of keys' : `, not ${String(found)}`;
}

/** @param part what the caret points at */
export function problem(
  rule: FindingCodeName,
  path: Path,
  part: 'key' | 'value',
  message: string,
  hint: string,
): PathProblem {
  return { rule, severity: FINDING_CODES[rule].severity, path, part, message, hint, source: REFERENCE };
}

function clip(text: string): string {
  const plain = text.replaceAll(/\p{Cc}/gu, '�');
  return plain.length > 60 ? `${plain.slice(0, 60)}…` : plain;
}
