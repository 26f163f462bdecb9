import { describe, expect, it } from 'vitest';
import type { Comparison } from './compare.ts';
import { METRIC_NAMES } from './metrics.ts';
import { rowsOf } from './report.ts';

function comparison(values: Partial<Comparison['values']>): Comparison {
  const empty = Object.fromEntries(METRIC_NAMES.map((m) => [m, {}])) as Comparison['values'];
  return { values: { ...empty, ...values }, failures: [], generatorBusy: {} };
}

describe('rowsOf', () => {
  it('leaves out what was not measured', () => {
    expect(rowsOf(comparison({ bulkRate: { nginx: [1, 2, 3] } })).map((r) => r.name)).toEqual(['bulkRate']);
  });

  it('has no ratio and no verdict without HAProxy', () => {
    const [row] = rowsOf(comparison({ bulkRate: { poolgate: [1, 2, 3] } }));
    expect(row?.cells[0]?.ratio).toBeUndefined();
    expect(row?.kept).toBeUndefined();
  });

  it('judges by the median of the paired ratios, for more and for less', () => {
    const rows = rowsOf(
      comparison({
        connectionsPerSecond: { haproxy: [100, 100, 100], poolgate: [94, 95, 200] },
        roundTripsPerSecond: { haproxy: [100, 100, 100], poolgate: [99, 99, 200] },
        roundTripP99: { haproxy: [10, 10, 10], poolgate: [12, 1, 50] },
        heldMemory: { haproxy: [3, 3, 3], poolgate: [3.1, 3.1, 1] },
      }),
    );
    expect(Object.fromEntries(rows.map((r) => [r.name, r.kept]))).toEqual({
      connectionsPerSecond: true,
      roundTripsPerSecond: false,
      roundTripP99: true,
      heldMemory: false,
    });
  });

  it('gives no verdict on a metric without a floor', () => {
    const [row] = rowsOf(comparison({ baseMemory: { haproxy: [10], poolgate: [100] } }));
    expect(row?.cells.map((c) => c.ratio?.median)).toEqual([1, 10]);
    expect(row?.kept).toBeUndefined();
  });

  it('pairs around a run that failed', () => {
    const [row] = rowsOf(comparison({ bulkRate: { haproxy: [10, undefined, 30], poolgate: [10, 99, 30] } }));
    expect(row?.cells.find((c) => c.peer === 'poolgate')?.ratio).toEqual({
      median: 1,
      least: 1,
      greatest: 1,
      count: 2,
    });
  });
});
