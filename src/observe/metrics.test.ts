import { afterEach, expect, test } from 'vitest';
import type { Bench } from '../state/testing.ts';
import { config, readyBench } from '../state/testing.ts';
import { METRICS } from './metric-table.ts';
import { renderMetricsPage } from './metrics-page.ts';
import { renderMetrics } from './metrics.ts';
import { oneArmed } from '../model/effective.ts';

let bench: Bench | null = null;
afterEach(() => bench?.end());

test('names say thing and unit, counters and only they end in _total, and no name is there twice', () => {
  for (const { name, unit, type } of METRICS) {
    expect(name).toMatch(new RegExp(`^poolgate_[a-z_]*${unit}${type === 'counter' ? '_total' : ''}$`));
  }
  expect(new Set(METRICS.map((m) => m.name)).size).toBe(METRICS.length);
});

test('every metric is on the page, once', () => {
  const page = renderMetricsPage();
  for (const { name } of METRICS) expect(page.split(`\`${name}\``)).toHaveLength(2);
});

test('a scrape shows the moment, every series with exactly the labels of the table', async () => {
  const plain = config({}, { topology: oneArmed('eth0') });
  const persistence = { timeoutMs: 60_000, maxEntries: 100 };
  const snat = { addresses: ['10.0.0.44'], ports: { first: 2000, last: 2099 } };
  bench = await readyBench({ ...plain, services: plain.services.map((s) => ({ ...s, persistence, snat })) });
  bench.plane.useSources([
    {
      protocol: 'tcp' as const,
      address: '10.0.0.44',
      pool: 'ocspool',
      realServer: 'fe01',
      port: 5061,
      used: 90,
    },
    {
      protocol: 'tcp' as const,
      address: '10.0.0.44',
      pool: 'ocspool',
      realServer: 'fe02',
      port: 443,
      used: 7,
    },
  ]);
  bench.plane.open('ocs', 443, 'fe01');
  bench.plane.open('ocs', 5061, 'fe01');
  bench.plane.open('ocs', 5061, 'fe02');
  bench.net.refusing.add('10.0.0.42:444');
  await bench.clock.advance(20_000);
  const { contentType, body } = await renderMetrics(bench.controller);
  expect(contentType).toMatch(/^text\/plain; version=/);
  const lines = body.split('\n');
  for (const line of [
    'poolgate_build_info{version="0.0.0",data_plane="fake"} 1',
    'poolgate_ready_bool 1',
    'poolgate_address_present_bool{address="10.0.0.40",interface="eth0"} 1',
    'poolgate_open_connections 2',
    'poolgate_virtual_service_serving_bool{virtual_service="ocs"} 1',
    'poolgate_virtual_service_open_connections{virtual_service="ocs",port="5061",protocol="tcp"} 1',
    'poolgate_virtual_service_connections_total{virtual_service="ocs",port="5061",protocol="tcp"} 2',
    'poolgate_persistence_max_entries{virtual_service="ocs"} 100',
    'poolgate_virtual_service_source_rate_refused_connections_total{virtual_service="ocs",port="443",protocol="tcp"} 0',
    'poolgate_source_address_ports{source_address="10.0.0.44"} 100',
    'poolgate_source_address_free_ports{source_address="10.0.0.44"} 10',
    'poolgate_source_address_connections{source_address="10.0.0.44"} 97',
    'poolgate_pool_usable_servers{pool="ocspool"} 1',
    'poolgate_real_server_open_connections{pool="ocspool",real_server="fe01"} 2',
    'poolgate_real_server_usable_bool{pool="ocspool",real_server="fe02"} 0',
    'poolgate_real_server_downs_total{pool="ocspool",real_server="fe02"} 1',
    'poolgate_real_server_check_good_bool{pool="ocspool",real_server="fe02",port="444",type="tcp"} 0',
    'poolgate_real_server_check_duration_seconds{pool="ocspool",real_server="fe02",port="5061",type="tcp"} 0.001',
  ]) {
    expect(lines).toContain(line);
  }
  for (const metric of METRICS) {
    expect(body).toContain(`# TYPE ${metric.name} ${metric.type}`);
    const series = lines.filter((l) => l.startsWith(`${metric.name}{`) || l.startsWith(`${metric.name} `));
    expect(series.length).toBeGreaterThan(0);
    for (const line of series) {
      const labels = [...line.matchAll(/(\w+)="/g)].map((m) => m[1]);
      expect(labels).toEqual(metric.labels);
    }
  }
});

test('a server that is gone leaves no series', async () => {
  bench = await readyBench();
  const file = JSON.parse(bench.file.disk);
  file.pools[0].realServers.pop();
  await bench.controller.apply(JSON.stringify(file), 'api');
  expect((await renderMetrics(bench.controller)).body).not.toContain('fe02');
});
