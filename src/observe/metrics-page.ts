import { METRICS } from './metric-table.ts';
import { MOST_SINGLE_PORTS } from './port-series.ts';

/** docs/reference/metrics.md */
export function renderMetricsPage(): string {
  const rows = METRICS.map((m) => {
    const labels = m.labels.map((label) => `\`${label}\``).join(', ');
    return `| \`${m.name}\` | ${m.type} | ${m.unit} | ${labels} | ${m.help} |`;
  });
  return `# Metrics

Served at \`/metrics\` in Prometheus' text format. Units: \`bool\` is 0 or 1; \`info\` is always 1 and tells by its
labels. Series of a pool's fallback have \`real_server="fallback:"\`. A virtual service with
more than ${MOST_SINGLE_PORTS} ports has one series for ports in a row, such as \`port="50000-59999"\`. Generated from src/observe/metric-table.ts by
\`npm run generate\`.

| name | type | unit | labels | meaning |
|---|---|---|---|---|
${rows.join('\n')}
`;
}
