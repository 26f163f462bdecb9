import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../catalogue/catalogue.ts';
import type { Product } from '../../catalogue/products.ts';
import type { Role } from '../../catalogue/roles.ts';
import type { Firewall } from './flow.ts';
import { FIREWALL_FORMATS } from './formats.ts';
import { flowsOfRole } from './from-catalogue.ts';
import { CAN_LOAD, firewallOf, OCS, run } from './testing.ts';

const ROLES = [...new Set(CATALOGUE.map((row) => `${row.product}/${row.role}`))];

function firewallOfRole(subject: string): Firewall {
  const [product, role] = subject.split('/') as [Product, Role];
  return { subject, flows: flowsOfRole(product, role) };
}

/** Names and addresses that each format must keep apart and in its own alphabet. */
const AWKWARD = `
version: 1
pools:
  - { name: a-b, realServers: [{ name: s1, address: 2001:db8::41 }, { name: s2, address: 10.0.0.41 }] }
  - { name: a_b, realServers: [{ name: s1, address: 10.0.0.51 }] }
  - { name: accept, realServers: [{ name: s1, address: 10.0.0.61 }] }
virtualServices:
  - { name: a-b, vip: "2001:db8::40", pool: a-b, ports: [443, 443-450, 5061] }
  - { name: a_b, vip: 10.0.0.50, pool: a_b, ports: ["1-60", 80, 82, 84, 86, 88, 90, 92, 94, 96, 98, 100, 102, 104, 106, 108, 110] }
  - { name: accept, vip: 10.0.0.60, pool: accept, ports: [443, { port: 443, protocol: udp }] }
`.replace('[443, 443-450, 5061]', '["443-450", 5061]');

const CONFIGS: [string, string][] = [
  ['an Enterprise pool', OCS],
  ['awkward names', AWKWARD],
  ...readdirSync('examples')
    .filter((name) => name.endsWith('.yaml'))
    .map((name): [string, string] => [name, readFileSync(`examples/${name}`, 'utf8')]),
];

describe.runIf(CAN_LOAD)('programs take what is written', () => {
  it('nft: every role of every product', () => {
    for (const role of ROLES) {
      const text = FIREWALL_FORMATS.nftables(firewallOfRole(role));
      expect(run('nft', ['-c', '-f', '-'], text), `${role}\n${text}`).toEqual({ ok: true, err: '' });
    }
  }, 60_000);

  it.each(CONFIGS)('nft: %s', (_name, text) => {
    const rules = FIREWALL_FORMATS.nftables(firewallOf(text));
    expect(run('nft', ['-c', '-f', '-'], rules), rules).toEqual({ ok: true, err: '' });
  });

  it('nft: loading it twice leaves it once', () => {
    const rules = FIREWALL_FORMATS.nftables(firewallOf(OCS));
    const script = `f=$(mktemp); cat >$f; nft -f $f && nft -f $f && nft list table inet poolgate_firewall | grep -c 'chain forward {' >&2; rm -f $f`;
    expect(run('sh', ['-c', script], rules).err).toBe('1\n');
  });

  it.each(CONFIGS)('iptables-restore: %s', (_name, text) => {
    const rules = FIREWALL_FORMATS.iptables(firewallOf(text, {}));
    for (const program of ['iptables-restore', 'ip6tables-restore'])
      expect(run(program, ['--test', '--noflush'], rules), rules).toEqual({ ok: true, err: '' });
  });
});

describe('nftables', () => {
  const rules = FIREWALL_FORMATS.nftables(firewallOf(OCS, { clients: ['10.1.0.0/16', '2001:db8:1::/48'] }));

  it('drops what it does not name, and lets answers pass', () => {
    expect(rules).toContain('type filter hook forward priority filter; policy drop;');
    expect(rules).toContain('ct state established,related accept');
  });

  it('has one rule for each pair of ends and transport, in the family that both have', () => {
    expect(rules).toContain(
      'ip saddr @a_clients_v4 ip daddr @a_vip_ocs_v4 tcp dport { 80, 443, 5060-5061 } accept',
    );
    expect(rules).not.toContain('ip6');
    expect(rules).toContain('elements = { 10.1.0.0/16 }');
  });

  it('lets nobody pass who is still to be filled in', () => {
    expect(rules).toContain(
      'To be filled in: addresses of domain controllers (--address directory=ADDRESS,...)',
    );
    expect(rules).toMatch(/set a_directory_v4 \{\n +type ipv4_addr\n +flags interval\n +auto-merge\n +\}/);
  });
});

describe('iptables', () => {
  const rules = FIREWALL_FORMATS.iptables(firewallOf(OCS));

  it('has a rule for each pair of addresses, or of networks that hold them and no more, marked with its family', () => {
    expect(rules).toContain(
      '-A POOLGATE -4 -d 10.0.0.40 -p tcp -m multiport --dports 80,443,5060:5061 -j ACCEPT',
    );
    expect(rules).toContain(
      '-A POOLGATE -4 -s 10.0.0.44/31 -d 10.0.0.41 -p tcp -m multiport --dports 80,135,443:444,5060:5061,5065,5069,5071:5074,8404 -j ACCEPT',
    );
  });

  it('leaves rules of ends to be filled in as comments', () => {
    expect(rules).toMatch(
      /^# -A POOLGATE -s 10\.0\.0\.41,10\.0\.0\.42 -d DIRECTORY -p tcp .* 135 -j ACCEPT$/m,
    );
  });

  it('never names more ports in a rule than the match takes', () => {
    const lists = [...FIREWALL_FORMATS.iptables(firewallOf(AWKWARD)).matchAll(/--dports (\S+)/g)];
    const sizes = lists.map(([, list = '']) => list.split(/[,:]/).length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(15);
    expect(sizes).toContain(15);
  });
});

describe('windows', () => {
  const rules = FIREWALL_FORMATS.windows(firewallOf(OCS, { balancer: ['10.0.0.5'] }));

  it('lets in to the servers alone, and binds rules to their addresses', () => {
    expect(rules).toContain(
      "-Direction Inbound -Action Allow -Protocol TCP -LocalPort '444','5061' -RemoteAddress $FromBalancer -LocalAddress '10.0.0.41','10.0.0.42'",
    );
    expect(rules).toContain("$FromSnatOcs = @('10.0.0.44', '10.0.0.45')");
    expect(rules).toContain("$FromClients = 'Any'");
    expect(rules).not.toContain('VIP of');
    expect(rules.match(/^New-NetFirewallRule /gm)).toHaveLength(6);
  });

  it('stops before it changes anything when somebody is still to be filled in', () => {
    const open = FIREWALL_FORMATS.windows(firewallOf(OCS));
    const stop = open.indexOf("if (-not $FromBalancer) { throw 'Fill in $FromBalancer first");
    expect(stop).toBeGreaterThan(0);
    expect(stop).toBeLessThan(open.indexOf('Remove-NetFirewallRule'));
  });

  it('keeps apart who would have the same name', () => {
    const names = [...FIREWALL_FORMATS.windows(firewallOf(AWKWARD)).matchAll(/^(\$From\w+) = /gm)];
    const own = names.map(([, name = '']) => name.toLowerCase());
    expect(new Set(own).size).toBe(own.length);
  });
});

it('csv has a line for each flow, with addresses or that they are to be filled in', () => {
  const [head, ...lines] = FIREWALL_FORMATS.csv(firewallOf(OCS)).trimEnd().split('\n');
  expect(head).toBe('from,from addresses,to,to addresses,protocol,port,purpose,source');
  expect(lines).toContain(
    'the balancer itself,to be filled in,servers of ocspool,10.0.0.41 10.0.0.42,TCP,444,Health check (tcp),pools[ocspool].healthChecks',
  );
  expect(new Set(lines).size).toBe(lines.length);
});
