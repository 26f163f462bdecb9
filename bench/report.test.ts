import { describe, expect, it } from 'vitest';
import type { Comparison } from './compare.ts';
import type { Group } from './groups/group.ts';
import { loopback } from './groups/loopback.ts';
import { network } from './groups/network.ts';
import { METRIC_NAMES } from './metrics.ts';
import { type Row, rowsOf } from './report.ts';

function rows(group: Group, values: Partial<Comparison['values']>): Row[] {
  const empty = Object.fromEntries(METRIC_NAMES.map((m) => [m, {}])) as Comparison['values'];
  return rowsOf(group, { values: { ...empty, ...values }, failures: [], generatorBusy: {}, idle: 0 });
}

function kept(found: readonly Row[]): Record<string, boolean[]> {
  return Object.fromEntries(found.map((r) => [r.name, r.judgements.map((j) => j.kept)]));
}

describe('rowsOf', () => {
  it('leaves out what was not measured', () => {
    expect(rows(loopback, { bulkRate: { nginx: [1, 2, 3] } }).map((r) => r.name)).toEqual(['bulkRate']);
  });

  it('has no ratio and no judgement without HAProxy', () => {
    const [row] = rows(loopback, { bulkRate: { poolgate: [1, 2, 3] } });
    expect(row?.cells[0]?.compared).toEqual({});
    expect(row?.judgements).toEqual([]);
  });

  it('judges by the median of the paired ratios, for more and for less', () => {
    const found = rows(loopback, {
      connectionsPerSecond: { haproxy: [100, 100, 100], poolgate: [94, 95, 200] },
      roundTripsPerSecond: { haproxy: [100, 100, 100], poolgate: [99, 99, 200] },
      roundTripP99: { haproxy: [10, 10, 10], poolgate: [12, 1, 50] },
      heldMemory: { haproxy: [3, 3, 3], poolgate: [3.1, 3.1, 1] },
    });
    expect(kept(found)).toEqual({
      connectionsPerSecond: [true],
      roundTripsPerSecond: [false],
      roundTripP99: [true],
      heldMemory: [false],
    });
  });

  it('gives no judgement on a metric without a floor', () => {
    const [row] = rows(loopback, { baseMemory: { haproxy: [10], poolgate: [100] } });
    expect(row?.cells.map((c) => c.compared.haproxy?.median)).toEqual([1, 10]);
    expect(row?.judgements).toEqual([]);
  });

  it('pairs around a run that failed', () => {
    const [row] = rows(loopback, { bulkRate: { haproxy: [10, undefined, 30], poolgate: [10, 99, 30] } });
    expect(row?.cells.find((c) => c.peer === 'poolgate')?.compared.haproxy).toEqual({
      median: 1,
      least: 1,
      greatest: 1,
      count: 2,
    });
  });

  it('judges the kernel plane by direct and by HAProxy, with goals', () => {
    const [row] = rows(network, {
      connectionsPerSecond: { direct: [100], haproxy: [50], kernel: [90] },
    });
    expect(row?.judgements.map(({ to, value, kept, reached }) => ({ to, value, kept, reached }))).toEqual([
      { to: 'direct', value: 0.9, kept: true, reached: false },
      { to: 'haproxy', value: 1.8, kept: true, reached: true },
    ]);
  });

  it('takes kernel memory by what it is above direct, and user memory by itself', () => {
    const found = rows(network, {
      heldMemory: { kernel: [0.01] },
      heldKernelMemory: { direct: [5, 5], kernel: [6.6, 6.7] },
    });
    expect(kept(found)).toEqual({ heldMemory: [true], heldKernelMemory: [false] });
  });
});
