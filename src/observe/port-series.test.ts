import { describe, expect, test } from 'vitest';
import type { PortCounters } from '../dataplane/dataplane.ts';
import { portSeries } from './port-series.ts';

function counters(port: number, protocol: 'tcp' | 'udp' = 'tcp', service = 'edge-av'): PortCounters {
  const limits = { atServerLimits: 1, atServiceLimit: 2, atSourceLimit: 3, atSourceRate: 4 };
  return {
    service,
    vip: '203.0.113.40',
    protocol,
    port,
    active: 1,
    total: 10,
    refused: 10,
    ...limits,
    bytesIn: 5,
    bytesOut: 7,
  };
}

function range(first: number, count: number, protocol: 'tcp' | 'udp' = 'tcp'): PortCounters[] {
  return Array.from({ length: count }, (_, i) => counters(first + i, protocol));
}

describe('series of ports', () => {
  test('each port has its own, up to a hundred of a service', () => {
    const labels = portSeries(range(5000, 100)).map((s) => s.label);
    expect(labels).toHaveLength(100);
    expect(labels.slice(0, 2)).toEqual(['5000', '5001']);
  });

  test('of a service with more, ports in a row share one, each protocol its own, and another service keeps its', () => {
    const all = [
      counters(5061, 'tcp', 'ocs'),
      counters(443),
      ...range(50_000, 10_000).toReversed(),
      ...range(50_000, 10_000, 'udp'),
      counters(3478, 'udp'),
    ];
    const found = portSeries(all).map(({ label, counters: c }) => [c.service, label, c.protocol, c.total]);
    expect(found).toEqual([
      ['ocs', '5061', 'tcp', 10],
      ['edge-av', '443', 'tcp', 10],
      ['edge-av', '50000-59999', 'tcp', 100_000],
      ['edge-av', '3478', 'udp', 10],
      ['edge-av', '50000-59999', 'udp', 100_000],
    ]);
  });

  test('every figure is summed', () => {
    const sum = portSeries(range(50_000, 200)).map((s) => s.counters);
    expect(sum).toMatchObject([
      {
        active: 200,
        total: 2000,
        refused: 2000,
        atServerLimits: 200,
        atServiceLimit: 400,
        atSourceLimit: 600,
        atSourceRate: 800,
        bytesIn: 1000,
        bytesOut: 1400,
      },
    ]);
  });
});
