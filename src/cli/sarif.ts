/**
 * Findings as SARIF 2.1.0 (OASIS, Static Analysis Results Interchange Format), which code hosts and editors show beside the
 * line: one run, all rules with their words, a result for each finding.
 */
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { FINDING_CODES } from '../config/finding-codes.ts';
import type { Finding, Severity } from '../config/findings.ts';
import { RULES } from '../rules/rules.ts';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json';

/** Section 3.27.10 of the specification. */
const LEVELS = { error: 'error', warning: 'warning', info: 'note' } as const satisfies Record<
  Severity,
  string
>;

/** @param version of this program */
export function sarifOf(findings: readonly Finding[], version: string): object {
  const rules = descriptors();
  const indexes = new Map(rules.map(({ id }, at) => [id, at]));
  return {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'Poolgate', semanticVersion: version, rules } },
        // Columns of findings count characters, and not UTF-16's halves of them (section 3.14.17).
        columnKind: 'unicodeCodePoints',
        results: findings.map((finding) => resultOf(finding, indexes.get(finding.rule))),
      },
    ],
  };
}

function resultOf(
  { rule, severity, message, hint, file, line, col, source }: Finding,
  index?: number,
): object {
  return {
    ruleId: rule,
    ...(index === undefined ? {} : { ruleIndex: index }),
    level: LEVELS[severity],
    message: { text: hint === '' ? message : `${message} ${hint}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(file) },
          region: { startLine: line, startColumn: col },
        },
      },
    ],
    properties: { hint, source },
  };
}

/** A relative path stays relative, so that it is found in a checkout. */
function uriOf(file: string): string {
  if (isAbsolute(file)) return pathToFileURL(file).href;
  return file.split('/').map(encodeURIComponent).join('/');
}

function descriptors() {
  const codes = Object.entries(FINDING_CODES).map(([id, { severity, meaning }]) => ({
    id,
    shortDescription: { text: meaning },
    defaultConfiguration: { level: LEVELS[severity] },
  }));
  const rules = RULES.map(({ id, title, why, checked, hint, severity, products, sources, how }) => ({
    id,
    shortDescription: { text: `${title}.` },
    fullDescription: { text: why },
    help: { text: `${checked} ${hint}` },
    defaultConfiguration: { level: LEVELS[severity] },
    properties: { products, sources, how },
  }));
  return [...rules, ...codes];
}
