/** All lints over one config. */
import type { PathProblem } from '../config/issues.ts';
import type { Rule, Subject } from './rule.ts';
import { RULES } from './rules.ts';

export function checkRules(subject: Subject): PathProblem[] {
  return RULES.flatMap((rule) => (rule.lint?.(subject) ?? []).map((found) => toProblem(rule, found)));
}

function toProblem(rule: Rule, found: ReturnType<NonNullable<Rule['lint']>>[number]): PathProblem {
  return {
    rule: rule.id,
    severity: found.severity ?? rule.severity,
    path: found.path,
    part: found.part ?? 'value',
    message: found.message,
    hint: found.hint ?? rule.hint,
    source: found.source ?? rule.sources.join('; '),
  };
}
