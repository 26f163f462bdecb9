import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigRejected, hasErrors } from './findings.ts';
import { hashText } from './hash.ts';
import { accepted, loadConfigFile, parseConfig, readConfigFile, readConfigText } from './load.ts';
import { configWith, LEAST, load, rulesOf } from './testing.ts';

describe('the least config', () => {
  const { config, findings } = parseConfig(LEAST, 'least.yaml');
  const [pool] = config?.effective.pools ?? [];
  const [service] = config?.effective.services ?? [];

  it('runs, without a warning', () => {
    expect(findings).toEqual([]);
    expect(config).toMatchObject({ file: 'least.yaml', text: LEAST, hash: hashText(LEAST) });
  });

  it('gets from the profile what the servers need', () => {
    const ports = [80, 135, 443, 444, 5060, 5061, 5065, 5069, 5071, 5072, 5073, 5074, 8404];
    expect(service?.ports.map((p) => [p.first, p.last, p.serverFirst])).toEqual(ports.map((p) => [p, p, p]));
    expect(service).toMatchObject({ scheduler: 'wlc', idleTimeoutMs: 1_800_000, connectTimeoutMs: 4000 });
    const pace = { intervalMs: 5000, timeoutMs: 3000, rise: 2, fall: 3 };
    expect(pool?.healthChecks).toEqual([
      { type: 'tcp', port: 5061, ...pace },
      { type: 'tcp', port: 444, ...pace },
    ]);
    expect(pool).toMatchObject({ onDown: 'reset', drain: { timeoutMs: 3_600_000 }, fallback: null });
  });
});

function from(text: string, path: string): unknown {
  const found = load(text).provenance.find((p) => p.path === path);
  return found && [found.value, found.from];
}

describe('precedence', () => {
  const defaults =
    'defaults: { scheduler: rr, onDown: keep, healthCheck: { interval: 7s }, timeouts: { idle: 40m } }\n';
  const withDefaults = LEAST.replace('pools:', `${defaults}pools:`);
  const idle = 'virtualServices[ocs].timeouts.idle';

  it('is file, profile, defaults, schema', () => {
    const own = withDefaults.replace('pool: ocspool }', 'pool: ocspool, timeouts: { idle: 2h } }');
    expect(from(own, idle)).toEqual(['2h', 'file']);
    expect(from(withDefaults, idle)).toEqual(['30m', 'profile ocs-2007-r2/enterprise-pool']);
    expect(from(withDefaults, 'pools[ocspool].onDown')).toEqual(['keep', 'defaults']);
    expect(from(withDefaults, 'pools[ocspool].healthChecks[0].interval')).toEqual(['7s', 'defaults']);
    expect(from(LEAST, 'pools[ocspool].onDown')).toEqual(['reset', 'schema']);
    expect(from(configWith({ head: defaults }), 'virtualServices[s].timeouts.idle')).toEqual([
      '40m',
      'defaults',
    ]);
  });

  it('is what is in effect', () => {
    const { effective } = load(withDefaults);
    expect(effective.pools[0]).toMatchObject({ onDown: 'keep' });
    expect(effective.pools[0]?.healthChecks[0]?.intervalMs).toBe(7000);
    expect(effective.services[0]).toMatchObject({ scheduler: 'wlc', idleTimeoutMs: 1_800_000 });
  });

  it('has persistence and limits only where the file says so', () => {
    const { effective } = load(withDefaults);
    expect(effective.services[0]).toMatchObject({
      persistence: null,
      maxConnections: 0,
      limits: { newConnectionsPerSecondPerSource: 0, connectionsPerSource: 0 },
    });
    const wanted =
      'pool: p, ports: [1], persistence: { type: source-ip, maxEntries: 7 }, limits: { connectionsPerSource: 3 }';
    const text = `version: 1
pools: [{ name: p, realServers: [{ name: a, address: 10.0.0.41, maxConnections: 9 }] }]
virtualServices: [{ name: s, vip: 10.0.0.40, scheduler: mh, ${wanted} }]`;
    const other = load(text).effective;
    expect(other.services[0]).toMatchObject({
      scheduler: 'mh',
      persistence: { timeoutMs: 1_800_000, maxEntries: 7 },
      limits: { newConnectionsPerSecondPerSource: 0, connectionsPerSource: 3 },
    });
    expect(other.pools[0]?.realServers[0]?.maxConnections).toBe(9);
  });

  it('names each value once', () => {
    const paths = load(withDefaults).provenance.map((p) => p.path);
    expect(new Set(paths).size).toBe(paths.length);
  });
});

describe('health checks that nobody names', () => {
  it('are one, on the server port of the first port of the first service', () => {
    const more = '  - { name: t, vip: 10.0.0.40, pool: p, ports: [1] }';
    const text = configWith({ service: 'ports: [{ port: 443, serverPort: 4443 }, 5061]', more });
    expect(load(text).effective.pools[0]?.healthChecks).toMatchObject([{ type: 'tcp', port: 4443 }]);
    const generic = configWith({ pool: 'profile: generic/tcp' });
    expect(load(generic).effective.pools[0]?.healthChecks).toMatchObject([{ port: 5061 }]);
  });

  it('are none when the list is empty', () => {
    expect(load(configWith({ pool: 'healthChecks: []' })).effective.pools[0]?.healthChecks).toEqual([]);
  });
});

describe('values', () => {
  it('are canonical', () => {
    const text = configWith({ servers: '{ name: a, address: "2001:DB8:0::41" }' }).replace(
      '10.0.0.40',
      '"2001:DB8::0:40"',
    );
    const { effective } = load(text);
    expect(effective.pools[0]?.realServers[0]?.address).toBe('2001:db8::41');
    expect(effective.services[0]?.vip).toBe('2001:db8::40');
  });

  it('may come from anchors', () => {
    const text = configWith({
      servers:
        '&a { name: a, address: 10.0.0.41, weight: &w 3 }, { name: b, address: 10.0.0.42, weight: *w }',
    });
    expect(load(text).effective.pools[0]?.realServers.map((s) => s.weight)).toEqual([3, 3]);
  });

  it('survive a byte order mark and Windows line ends', () => {
    const text = `\uFEFF${LEAST.replaceAll('\n', '\r\n')}`;
    expect(load(text).hash).toBe(hashText(text));
  });
});

describe('all that is wrong', () => {
  it('is found in one run, in the order of the file', () => {
    const text = configWith({
      head: 'dataPlane: fast',
      pool: 'onDwon: keep',
      servers: '{ name: a, address: 10.0.0.40, weight: -1 }',
      service: 'ports: [5061], nat: half',
      more: '  - { name: s, vip: 10.0.0.40, pool: q, ports: ["5060-5062"] }',
    });
    expect(rulesOf(text)).toEqual([
      'error CONFIG_INVALID',
      'error CONFIG_UNKNOWN_KEY',
      'error CONFIG_SERVER_IS_VIP',
      'error CONFIG_INVALID',
      'error CONFIG_NAT',
      'error CONFIG_DUPLICATE_NAME',
      'error CONFIG_UNKNOWN_POOL',
      'error CONFIG_DUPLICATE_PORT',
    ]);
  });

  it('names the file where the file itself is wrong', () => {
    const [list] = parseConfig('- a\n', 'c.yaml').findings;
    expect(list).toMatchObject({ message: 'The file must be a map of keys, not a list.', line: 1, col: 1 });
    expect(parseConfig('', 'c.yaml').findings.map((f) => f.message)).toEqual(['The file is empty.']);
  });

  it('is bounded, errors before warnings', () => {
    const servers = Array.from({ length: 256 }, (_, i) => `{ name: s${i}, address: 10.0.0.41 }`).join(', ');
    const { config, findings } = parseConfig(configWith({ servers }), 'c.yaml');
    expect(config).toBeNull();
    expect(findings).toHaveLength(100);
  });

  it('makes the error that is thrown', () => {
    const parsed = parseConfig('version: 2\n', 'c.yaml');
    expect(() => accepted(parsed, 'c.yaml')).toThrow(ConfigRejected);
    const error = new ConfigRejected('c.yaml', parsed.findings);
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', findings: parsed.findings });
    expect(error.message).toBe('c.yaml has 3 errors. First: line 1: `pools` is missing.');
  });
});

describe('reading the file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'poolgate-load-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (name: string, content: string | Uint8Array): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };

  it('gives the config', () => {
    const path = file('least.yaml', LEAST);
    expect(loadConfigFile(path)).toMatchObject({ file: path, text: LEAST });
    expect(readConfigText(path)).toBe(LEAST);
  });

  it('refuses what is too large by a finding', () => {
    const parsed = readConfigFile(file('large.yaml', `# ${'é'.repeat(600_000)}`));
    expect(parsed).toMatchObject({ config: null, findings: [{ rule: 'CONFIG_TOO_LARGE', line: 1, col: 1 }] });
  });

  it.each([
    ['a file that is not there', () => join(folder, 'none.yaml'), 'no such file'],
    ['a folder', () => folder, 'not a regular file'],
    ['a device that never ends', () => '/dev/zero', 'not a regular file'],
    ['bytes that are no text', () => file('bytes.yaml', new Uint8Array([0xff, 0xfe, 0x00])), 'not UTF-8'],
    [
      'a link to itself',
      () => {
        symlinkSync('loop', join(folder, 'loop'));
        return join(folder, 'loop');
      },
      'circle',
    ],
  ])('refuses %s', (_, path, words) => {
    const at = path();
    expect(() => readConfigFile(at)).toThrow(expect.objectContaining({ code: 'CONFIG_UNREADABLE' }));
    expect(() => readConfigFile(at)).toThrow(words);
  });
});

it('a finding is an error or not', () => {
  const [finding] = parseConfig('', 'c.yaml').findings;
  if (!finding) throw new Error('An empty file has findings');
  expect(hasErrors([finding])).toBe(true);
  expect(hasErrors([{ ...finding, severity: 'warning' }])).toBe(false);
});
