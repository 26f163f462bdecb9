import { describe, expect, it } from 'vitest';
import type { GroupName } from './groups/group.ts';
import { markdownReport } from './markdown.ts';
import { parseOptions } from './options.ts';
import type { Report } from './report.ts';

function report(name: GroupName, message: string): Report {
  const failures = [{ peer: 'direct', measure: 'start', message }] as const;
  return {
    date: '2026-01-02',
    machine: {
      cpu: 'CPU',
      cores: 2,
      memoryGb: 4,
      kernel: 'Linux 6.1',
      system: 'Debian',
      virtual: false,
      congestionControl: 'cubic',
      compiler: 'cc',
    },
    options: parseOptions([])!,
    leftOut: [],
    groups: [{ name, versions: {}, skipped: [], failures, generatorBusy: {}, idle: 0, rows: [] }],
  };
}

describe('markdownReport', () => {
  it('keeps the section of a group that was not measured, and replaces that of one that was', () => {
    const first = markdownReport(report('loopback', 'one-failure'), 'abc', '');
    const both = markdownReport(report('network', 'another-failure'), 'abc', first);
    const again = markdownReport(report('loopback', 'latest-failure'), 'def', both);
    expect(first).toContain('one-failure');
    expect(both).toContain('one-failure');
    expect(both).toContain('another-failure');
    expect(again).not.toContain('one-failure');
    expect(again).toContain('another-failure');
    expect(again).toContain('latest-failure');
    expect(again.indexOf('latest-failure')).toBeLessThan(again.indexOf('another-failure'));
  });

  it('says the same twice', () => {
    const once = markdownReport(report('network', 'x'), 'abc', '');
    expect(markdownReport(report('network', 'x'), 'abc', once)).toBe(once);
  });
});
