/** The reference page of the rules of a deployment. */
import { type Rule, WAYS } from '../../src/rules/rule.ts';
import { RULES } from '../../src/rules/rules.ts';
import { code, generatedFrom, table } from './markdown.ts';

const INTRO = `# Rules

What a deployment must keep, by number, with who says it. \`poolgate check FILE\` tells which of them a config breaks, with the line;
\`poolgate rules\` lists them, \`poolgate rules show R18\` has all of one. R46 to R49 do not exist.

An error keeps the config from running: what it says cannot work. A warning is a departure from what the maker asks for, and works
in part or for a while (\`check --strict\` fails on it). Information is advice. That software balancers stand outside the historic
statement of support is R45; no finding says it, because nothing in a config could mend it.`;

export function renderRulesPage(): string {
  const ways = Object.entries(WAYS).map(([name, meaning]) => [code(name), meaning]);
  const overview = RULES.map((rule) => [
    `[${rule.id}](#${rule.id.toLowerCase()})`,
    rule.title,
    rule.severity,
    rule.how.join(', '),
  ]);
  const parts = [
    generatedFrom('src/rules'),
    INTRO,
    table(['Checked by', 'Means'], ways),
    table(['Rule', 'What must be so', 'Severity', 'Checked by'], overview),
    ...RULES.map(section),
  ];
  return `${parts.join('\n\n')}\n`;
}

function section(rule: Rule): string {
  const { id, title, why, checked, hint, sources, products, severity, how, sample } = rule;
  const rows = [
    ['Checked by', `${how.join(', ')}: ${checked}`],
    ['Severity', severity],
    ['What to do', hint],
    ['Products', products.map(code).join(', ')],
    ['Sources', sources.join('; ')],
  ];
  const example = sample === null ? [] : [`\`\`\`yaml\n${sample}\`\`\``];
  return [`## ${id}`, `**${title}.** ${why}`, table(['', ''], rows), ...example].join('\n\n');
}
