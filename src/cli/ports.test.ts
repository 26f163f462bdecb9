import { describe, expect, it } from 'vitest';
import { poolgate } from './testing.ts';

const FIELDS =
  'product,role,port,portEnd,transport,protocol,direction,purpose,loadBalanced,source,correction';

interface Printed {
  product: string;
  role: string;
  port: number;
  portEnd: number;
  direction: string;
  loadBalanced: boolean;
}

async function rows(line: string): Promise<Printed[]> {
  const { code, out } = await poolgate(`ports --format json ${line}`);
  expect(code).toBe(0);
  return JSON.parse(out) as Printed[];
}

describe('poolgate ports', () => {
  it('prints rows with exactly the fields that it promises', async () => {
    for (const row of await rows('')) expect(Object.keys(row).join(',')).toBe(FIELDS);
  });

  it('takes only what fits all filters', async () => {
    const all = await rows('');
    const some = await rows('--product sfb-2019 --direction inbound --load-balanced --port 443');
    expect(some).toEqual(
      all.filter(
        (r) =>
          r.product === 'sfb-2019' &&
          r.direction === 'inbound' &&
          r.loadBalanced &&
          r.port <= 443 &&
          r.portEnd >= 443,
      ),
    );
    expect(some.length).toBeGreaterThan(5);
    const direct = await rows('--product ocs-2007-r2 --role front-end --no-load-balanced');
    expect(direct.map((r) => r.port)).toEqual([135, 5062, 5063, 5064, 8057, 49152]);
  });

  it('finds a port within a range', async () => {
    const found = await rows('--product ocs-2007-r2 --role front-end --port 50000');
    expect(found.map((r) => [r.port, r.portEnd])).toEqual([[49152, 65535]]);
  });

  it('leaves XMPP to the products that have it', async () => {
    expect((await rows('--port 5269 --load-balanced')).map((r) => `${r.product} ${r.role}`)).toEqual([
      'lync-2013 edge-external',
      'lync-2013 load-balancer-edge-external-access',
      'sfb-2015 edge-external',
      'sfb-2015 load-balancer-edge-external-access',
    ]);
  });

  it('shows corrections as such, once each, below the table', async () => {
    const { out } = await poolgate('ports --product ocs-2007-r2 --role load-balancer-edge-external');
    expect(out).toMatch(/3478\/udp \*/);
    expect(out).not.toMatch(/5061\/tcp \*/);
    expect(out.match(/names TCP for STUN\/UDP/g)).toHaveLength(1);
    const clean = await poolgate('ports --product ocs-2007-r2 --role director');
    expect(clean.out).not.toContain('*');
  });

  it('prints CSV with a head and a line a row', async () => {
    const { out } = await poolgate('ports --product ocs-2007-r2 --role archiving --format csv');
    const [head, first, ...rest] = out.split('\n');
    expect(head).toBe(FIELDS);
    expect(first).toMatch(/^ocs-2007-r2,archiving,135,135,tcp,MSMQ,inbound,".*",false,"OCSpedia, .*",$/);
    expect(rest).toEqual(['']);
  });

  it('fits the window', async () => {
    const { out } = await poolgate('ports --product ocs-2007-r2 --role front-end', { columns: 100 });
    const widths =
      out
        .split('\n\n')[0]
        ?.split('\n')
        .map((line) => line.length) ?? [];
    expect(Math.max(...widths)).toBeLessThanOrEqual(100);
  });
});

describe('what it cannot find', () => {
  it.each([
    ['--product ocs', /no product "ocs".*Did you mean|no product "ocs".*There are: ocs-2007-r2/],
    ['--product sfb-2o19', /Did you mean sfb-2019\?/],
    ['--role fornt-end', /Did you mean front-end\?/],
    ['--role xyzzy', /There are: front-end, /],
    ['--port 0', /whole number from 1 to 65535/],
    ['--port http', /whole number from 1 to 65535/],
    ['--direction in', /inbound, outbound, both/],
    ['--compare --port 80', /--compare takes no other option/],
  ])('%s is wrong usage', async (options, says) => {
    const { code, out, err } = await poolgate(`ports ${options}`);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(says);
  });

  it.each([
    ['--port 81', 'No row has port 81. Nearest to it: 80 and 88.'],
    [
      '--product ocs-2007-r2 --role director --port 5062',
      'No row of ocs-2007-r2 director has port 5062. Nearest to it: 5061.',
    ],
    [
      '--product lync-2010 --role cwa',
      'lync-2010 has no role cwa. It has: front-end, load-balancer-front-end.',
    ],
    ['--product ocs-2007-r2 --role director --no-load-balanced', 'none fits all of them'],
  ])('%s has no rows, and says what is nearest', async (options, says) => {
    const { code, out, err } = await poolgate(`ports --format json ${options}`);
    expect([code, out]).toEqual([1, '[]\n']);
    expect(err).toContain(says);
  });
});

describe('poolgate ports --compare', () => {
  it('shows document by document what each has and misses, and what Poolgate does', async () => {
    const { code, out } = await poolgate('ports --compare');
    expect(code).toBe(0);
    expect(out).toMatch(/^PORT +Microsoft +OCSpedia +weblog +Loadbalancer\.org +WebMux +Radware +Poolgate/);
    expect(out).toMatch(/^ +80 +- +- +yes +- +- +- +recommended \(deviceUpdate\)/m);
    expect(out).toMatch(/^8404 +yes +- +- +yes +yes +- +required/m);
    expect(out).toContain('Radware: 6 ports, misses 80, 5069, 5071, 5072, 5073, 5074, 8404');
  });

  it('is there for programs and spreadsheets', async () => {
    const { out } = await poolgate('ports --compare --format json');
    const { ports } = JSON.parse(out) as { ports: { port: number; answer: string; option: string | null }[] };
    expect(ports.find((p) => p.port === 5060)).toMatchObject({ answer: 'optional', option: 'plainSip' });
    expect(ports.filter((p) => p.answer === 'left out')).toEqual([]);
    const sheet = await poolgate('ports --compare --format csv');
    expect(sheet.out.split('\n')).toHaveLength(15);
  });
});
