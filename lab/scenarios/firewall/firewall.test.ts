/**
 * What `poolgate firewall` writes, loaded into a router between clients and a pool: what it names passes, nothing else
 * does, and loading it again cuts nobody off. The VIP is one stand-in and the real server behind it another, because
 * the router sees addresses and ports and no more.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { Crowd, idsOf } from '../../clients/crowd.ts';
import { run } from '../../net/exec.ts';
import { buildLab, describeLab, type Lab } from '../../scenario.ts';
import { StandIn } from '../../servers/stand-in.ts';

const PROGRAM = new URL('../../../bin/poolgate.js', import.meta.url).pathname;
const VIP = '192.168.0.42';
const SERVER = '192.168.0.41';
const DIRECTORY = 135;

const CONFIG = `
version: 1
pools:
  - name: ocspool
    profile: ocs-2007-r2/enterprise-pool
    realServers: [{ name: fe01, address: ${SERVER} }]
virtualServices:
  - { name: ocs, vip: ${VIP}, pool: ocspool }
`;

/** What the network's administrator knows: the clients' network, the directory in it, and a balancer of its own. */
const KNOWN = ['--address', 'clients=10.0.0.0/24', '--address', 'directory=10.0.0.10'];

/** What is dropped says nothing, so it takes all of this; all are tried at once. */
const PATIENCE_MS = 4000;

async function reaches(crowd: Crowd, host: string, port: number): Promise<boolean> {
  const [tried] = await crowd.open({ host, port, count: 1, command: 'echo', timeoutMs: PATIENCE_MS });
  return tried?.server !== null;
}

describeLab('a firewall between clients and a pool', () => {
  let lab: Lab;
  let onServer: Crowd;

  beforeAll(async () => {
    lab = await buildLab({ arms: 'two-armed', servers: 2, vips: false });
    const { balancer, client } = lab.network;
    await balancer.must('sysctl', ['-qw', 'net.ipv4.ip_forward=1']);
    const ports = [443, 444, 5061, 5063, 8057, 9999];
    await Promise.all([
      ...lab.network.servers.map((host) => StandIn.start(host, ports)),
      StandIn.start(client, [DIRECTORY, 443]),
    ]);
    onServer = await Crowd.start(lab.network.server(1));
    writeFileSync(join(lab.network.directory, 'pool.yaml'), CONFIG);
  });
  afterAll(() => lab?.close());
  afterEach(async () => {
    const { balancer } = lab.network;
    await balancer.must('nft', ['flush', 'ruleset']);
  });

  async function rules(format: string): Promise<string> {
    const file = join(lab.network.directory, 'pool.yaml');
    const made = await run(PROGRAM, ['firewall', '--for', file, '--format', format, ...KNOWN]);
    expect(made.code, made.stderr).toBe(0);
    return made.stdout;
  }

  async function passing(): Promise<Record<string, boolean>> {
    const { crowd, network } = lab;
    const directory = network.client.ipv4;
    const tried = {
      'client to VIP, SIP': reaches(crowd, VIP, 5061),
      'client to VIP, web': reaches(crowd, VIP, 443),
      'client to VIP, conference state': reaches(crowd, VIP, 444),
      'client to VIP, a port of nothing': reaches(crowd, VIP, 9999),
      'client past the VIP, SIP': reaches(crowd, SERVER, 5061),
      'client past the VIP, web conferences': reaches(crowd, SERVER, 8057),
      'server to directory': reaches(onServer, directory, DIRECTORY),
      'server to client, web': reaches(onServer, directory, 443),
    };
    const passes = await Promise.all(
      Object.entries(tried).map(async ([what, passing]) => [what, await passing] as const),
    );
    await crowd.close(undefined, 'reset');
    await onServer.close(undefined, 'reset');
    return Object.fromEntries(passes);
  }

  const NAMED = {
    'client to VIP, SIP': true,
    'client to VIP, web': true,
    'client to VIP, conference state': false,
    'client to VIP, a port of nothing': false,
    'client past the VIP, SIP': false,
    'client past the VIP, web conferences': true,
    'server to directory': true,
    'server to client, web': false,
  };

  it('without one everything passes', async () => {
    expect(Object.values(await passing())).toEqual(Object.keys(NAMED).map(() => true));
  });

  it('nftables: what is named passes, and loading it again cuts nobody off', async () => {
    const { balancer } = lab.network;
    // Connection tracking begins with the first rule that asks for it.
    const input = await rules('nftables');
    await balancer.must('nft', ['-f', '-'], { input });
    const held = idsOf(await lab.crowd.open({ host: VIP, port: 5061, count: 3, command: 'echo' }));
    await balancer.must('nft', ['-f', '-'], { input });
    expect(await lab.crowd.exchange(held)).toEqual([]);
    expect(await passing()).toEqual(NAMED);
  });

  it('iptables: the same', async () => {
    const { balancer } = lab.network;
    const input = await rules('iptables');
    await balancer.must('iptables-restore', ['--noflush'], { input });
    await balancer.must('ip6tables-restore', ['--noflush'], { input });
    expect(await passing()).toEqual(NAMED);
  });
});
