import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OCS } from '../convert/firewall/testing.ts';
import { poolgate } from './testing.ts';

let folder: string;
let config: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'poolgate-firewall-'));
  config = join(folder, 'pool.yaml');
  writeFileSync(config, OCS);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('poolgate firewall', () => {
  it.each([
    ['table', /^FROM +ADDRESSES +TO +ADDRESSES +PORT +PURPOSE\n/],
    ['json', /^\[\n {2}\{\n {4}"from": /],
    ['csv', /^from,from addresses,to,/],
    ['nftables', /^#!\/usr\/sbin\/nft -f\n/],
    ['iptables', /^\*filter$/m],
    ['windows', /^New-NetFirewallRule /m],
  ])('writes %s for a config and for a role', async (format, looks) => {
    for (const subject of [config, 'ocs-2007-r2/front-end']) {
      const { code, out } = await poolgate(['firewall', '--for', subject, '--format', format]);
      expect(code).toBe(0);
      expect(out).toMatch(looks);
    }
  });

  it('says on stderr who is to be filled in, and takes it from there', async () => {
    const asked = await poolgate(['firewall', '--for', config]);
    const names = [...asked.err.matchAll(/--address (\S+)=/g)].map(([, name = '']) => name);
    expect(names).toEqual(['servers', 'administrators', 'reverse-proxy', 'balancer', 'directory']);
    const given = names.flatMap((name, at) => ['--address', `${name}=192.0.2.${at + 1},198.51.100.0/24`]);
    const told = await poolgate(['firewall', '--for', config, '--format', 'json', ...given]);
    expect([told.code, told.err]).toEqual([0, '']);
    expect(told.out).toContain('"198.51.100.0/24"');
  });

  it('names roles as `poolgate ports` does, both sides of an Edge Server at once', async () => {
    const { out } = await poolgate(['firewall', '--for', 'ocs-2007-r2/Edge Server']);
    expect(out).toContain('Edge Server, internal interface');
    expect(out).toContain('Edge Server, external interface');
    expect((await poolgate('firewall --for ocs-2007-r2/enterprise-pool')).code).toBe(0);
  });
});

describe('what it refuses', () => {
  it.each([
    ['', 2, /required option '--for <what>' not specified/],
    ['--for ocs-2007-r2/front-end --format pf', 2, /nftables, iptables, windows, csv/],
    ['--for ocs-2007-r2/front-end --address clients', 2, /Write a name, `=`, and addresses/],
    ['--for ocs-2007-r2/front-end --address clients=10.0.0.300', 2, /"10\.0\.0\.300" is not an IP address/],
    ['--for ocs-2007-r2/front-end --address clients=10.0.0.1/8', 2, /Write 10\.0\.0\.0\/8 for the network/],
    [
      '--for ocs-2007-r2/front-end --address client=10.0.0.0/8',
      1,
      /called "client".*\n.*Did you mean clients\?/,
    ],
    ['--for ocs-2007-r2/fornt-end', 1, /neither a file nor a role.*\n.*Did you mean front-end\?/],
    ['--for ocs-2oo7-r2/front-end', 1, /neither a file nor a role.*\n.*Did you mean ocs-2007-r2\?/],
    ['--for lync-2010/cwa', 1, /neither a file nor a role.*\n.*lync-2010 has no role cwa/],
    ['--for front-end', 1, /neither a file nor a role.*\n.*Write PRODUCT\/ROLE/],
    ['--for a/b/c', 1, /Cannot read a\/b\/c: there is no such file/],
    ['--for nothing.yaml', 1, /Cannot read nothing\.yaml: there is no such file/],
    ['--for configs/nothing.yaml', 1, /there is no such file/],
  ])('%s', async (options, exit, says) => {
    const { code, out, err } = await poolgate(`firewall ${options}`);
    expect([code, out]).toEqual([exit, '']);
    expect(err).toMatch(says);
  });

  it('a config that must not run, with its findings', async () => {
    const broken = join(folder, 'broken.yaml');
    writeFileSync(broken, OCS.replace('10.0.0.41', '10.0.0.400'));
    const { code, out, err } = await poolgate(['firewall', '--for', broken]);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/broken\.yaml:6:\d+: error/);
  });
});
