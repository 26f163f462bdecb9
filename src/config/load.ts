/** The config file: text → values → checked → resolved, with every finding at its place. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { PoolgateError } from '../lib/errors.ts';
import { configSchema, MAX_CONFIG_BYTES } from '../model/config.ts';
import { checkAvailable } from './check-available.ts';
import { checkConfig, checkEffective, checkInEffect } from './check.ts';
import { divideServices } from './divide-services.ts';
import { ConfigRejected, type Finding, hasErrors, type Severity } from './findings.ts';
import { hashText } from './hash.ts';
import { explainIssue, type PathProblem } from './issues.ts';
import type { LoadedConfig, ParsedConfig } from './loaded.ts';
import { resolveConfig } from './resolve.ts';
import { salvage } from './salvage.ts';
import { readYaml, type Source } from './yaml.ts';

export { ConfigRejected, type Finding } from './findings.ts';
export { formatFindings } from './format.ts';
export type { LoadedConfig, ParsedConfig, Provenance } from './loaded.ts';

/** More than anyone reads; the rest shows when these are mended. */
const MAX_FINDINGS = 100;
const SEVERITIES: readonly Severity[] = ['error', 'warning', 'info'];

/**
 * Reads a config and finds all that is wrong with it. Never throws; `config` is null exactly when a finding is an error.
 * @param file only for the findings
 */
export function parseConfig(text: string, file: string): ParsedConfig {
  if (Buffer.byteLength(text) > MAX_CONFIG_BYTES) return { config: null, findings: [tooLarge(file)] };
  const bare = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const source = readYaml(bare);
  const findings = source.problems.map((p): Finding => {
    const { rule, message, hint, offset } = p;
    return { rule, severity: 'error', message, hint, file, ...source.placeOf(offset), source: 'YAML 1.2' };
  });
  if (source.value === undefined) return { config: null, findings };
  const parsed = configSchema.safeParse(source.value);
  const issues = parsed.error?.issues ?? [];
  const problems = issues.slice(0, MAX_FINDINGS).flatMap((issue) => explainIssue(issue, source.value));
  const salvaged = salvage(source.value, issues);
  problems.push(...checkAvailable(salvaged), ...checkConfig(salvaged));
  // What was refused is taken out: if the rest is whole, the rules have something to say of it too.
  const input = parsed.data ?? configSchema.safeParse(salvaged).data;
  const resolved = input && resolveConfig(input);
  if (input && resolved) problems.push(...checkInEffect(resolved.effective, input));
  findings.push(...located(problems, source, file));
  if (!parsed.data || !resolved || hasErrors(findings)) return { config: null, findings: sorted(findings) };
  const { effective, provenance } = resolved;
  findings.push(...located(checkEffective(effective, parsed.data), source, file));
  const config = { file, text, hash: hashText(text), effective: divideServices(effective), provenance };
  return { config: hasErrors(findings) ? null : config, findings: sorted(findings) };
}

/**
 * Reads and parses the file.
 * @throws PoolgateError CONFIG_UNREADABLE
 */
export function readConfigFile(path: string): ParsedConfig {
  return parseConfig(readConfigText(path), path);
}

/**
 * As {@link readConfigFile}, for whoever needs a config that can run.
 * @throws ConfigRejected, PoolgateError CONFIG_UNREADABLE
 */
export function loadConfigFile(path: string): LoadedConfig {
  return accepted(readConfigFile(path), path);
}

/** @throws ConfigRejected */
export function accepted(parsed: ParsedConfig, file: string): LoadedConfig {
  if (!parsed.config) throw new ConfigRejected(file, parsed.findings);
  return parsed.config;
}

/**
 * The file's text. Reads no more than a config may have, and no devices or pipes, which may never end.
 * @throws PoolgateError CONFIG_UNREADABLE
 */
export function readConfigText(path: string): string {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw unreadable(path, error);
  }
  try {
    if (!fstatSync(fd).isFile())
      throw new PoolgateError('CONFIG_UNREADABLE', `${path} is not a regular file.`);
    const buffer = Buffer.alloc(MAX_CONFIG_BYTES + 1);
    let size = 0;
    for (let got = -1; got !== 0 && size < buffer.length; size += got) {
      got = readSync(fd, buffer, size, buffer.length - size, null);
    }
    return decode(path, buffer.subarray(0, size));
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    closeSync(fd);
  }
}

function decode(path: string, bytes: Buffer): string {
  // A file that is too large is cut in the middle of a character; parseConfig refuses it by its size.
  if (bytes.length > MAX_CONFIG_BYTES) return bytes.toString('latin1');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    const hint = 'Save it as UTF-8 text.';
    throw new PoolgateError('CONFIG_UNREADABLE', `${path} is not UTF-8 text.`, { hint });
  }
}

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
  ELOOP: 'its symbolic links go in a circle',
};

function unreadable(path: string, error: unknown): PoolgateError {
  if (error instanceof PoolgateError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  return new PoolgateError('CONFIG_UNREADABLE', `Cannot read ${path}: ${WORDS[code ?? ''] ?? message}.`);
}

function tooLarge(file: string): Finding {
  return {
    rule: 'CONFIG_TOO_LARGE',
    severity: 'error',
    message: 'The file is larger than 256 KiB.',
    hint: 'Is this a Poolgate config?',
    file,
    line: 1,
    col: 1,
    source: 'docs/reference/config.md',
  };
}

function located(problems: readonly PathProblem[], source: Source, file: string): Finding[] {
  const errorsFirst = problems.toSorted(
    (a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity),
  );
  return errorsFirst.slice(0, MAX_FINDINGS).map((p) => {
    const place = source.placeOf(source.offsetOf(p.path, p.part));
    const { rule, severity, message, hint } = p;
    return { rule, severity, message, hint, file, ...place, source: p.source };
  });
}

function sorted(findings: readonly Finding[]): Finding[] {
  return findings.toSorted((a, b) => a.line - b.line || a.col - b.col);
}
