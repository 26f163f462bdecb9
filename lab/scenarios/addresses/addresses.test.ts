/** VIPs on the interface of the config: checked, added, announced, taken over after a crash, removed. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Balancer } from '../../balancer/balancer.ts';
import { type ConfigTree, labConfig, serversOf } from '../../balancer/config.ts';
import { idsOf } from '../../clients/crowd.ts';
import { Capture } from '../../net/capture.ts';
import { addressesOf, cachedMac, giveAddress, learn, macOf, takeAddress } from '../../net/neighbours.ts';
import { VIP, VIP6 } from '../../net/network.ts';
import { waitFor } from '../../net/wait.ts';
import { buildLab, type Lab, onEachPlane } from '../../scenario.ts';

const VIP_B = '10.0.0.45';
const VIP6_B = '2001:db8::45';
const OWN = ['10.0.0.5/24', '2001:db8::5/64'];

function poolOf(vip: string): string {
  return vip.includes(':') ? 'six' : 'ocspool';
}

onEachPlane('addresses', (plane) => {
  let lab: Lab;
  let balancer: Balancer;
  let balancerMac: string;
  let otherMac: string;

  beforeAll(async () => {
    lab = await buildLab({ plane, ports: [5061], vips: false });
    balancerMac = await macOf(lab.network.balancer);
    otherMac = await macOf(lab.network.server(3));
  });
  afterAll(() => lab?.close());

  function config(vips: readonly string[]): ConfigTree {
    const tree = labConfig({ plane, servers: serversOf(lab.network.servers) });
    const [pool] = tree['pools'] as ConfigTree[];
    const realServers = lab.network.servers.map((host) => ({ name: host.role, address: host.ipv6 }));
    const services = vips.map((vip, i) => ({ name: `ocs${i}`, vip, pool: poolOf(vip), ports: [5061] }));
    return {
      ...tree,
      topology: { interface: 'eth0' },
      pools: [pool, { ...pool, name: 'six', realServers }],
      virtualServices: services,
    };
  }

  const onBalancer = (): Promise<string[]> => addressesOf(lab.network.balancer);

  async function serves(...vips: string[]): Promise<void> {
    for (const host of vips) {
      const [state] = await lab.crowd.open({ host, port: 5061, count: 1, command: 'echo' });
      expect(state?.error, host).toBeNull();
    }
    await lab.crowd.close();
  }

  // What is refused before a data plane starts is the same for both.
  it.runIf(plane === 'proxy')(
    'another machine has a VIP: the start is refused, names its MAC, and adds nothing',
    async () => {
      const other = lab.network.server(3);
      for (const [vip, prefix] of [
        [VIP, 24],
        [VIP6, 64],
      ] as const) {
        await giveAddress(other, `${vip}/${prefix}`);
        const refused = await Balancer.refused(lab.network, config([VIP_B, vip]));
        await takeAddress(other, `${vip}/${prefix}`);
        expect(refused.code).toBe(1);
        expect(refused.stderr).toContain(`${vip} (${otherMac}) is in use by another machine on eth0`);
        expect(await onBalancer()).toEqual(OWN);
      }
    },
  );

  it.runIf(plane === 'proxy')(
    'an interface that is not there is named with the one that was meant',
    async () => {
      const tree = { ...config([VIP]), topology: { interface: 'eth00' } };
      const refused = await Balancer.refused(lab.network, tree);
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain('no network interface "eth00"');
      expect(refused.stderr).toContain('Did you mean eth0?');
    },
  );

  it('without the capabilities it says which one is missing, and adds nothing', async () => {
    for (const capability of ['net_raw', 'net_admin']) {
      const before = ['setpriv', `--bounding-set=-${capability}`];
      const refused = await Balancer.refused(lab.network, config([VIP]), before);
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain(`this process lacks CAP_${capability.toUpperCase()}`);
      expect(await onBalancer()).toEqual(OWN);
    }
  });

  // The kernel plane asks for an interface before anything else.
  it.runIf(plane === 'proxy')(
    'without an interface in the config a VIP that is missing is refused, with what to write',
    async () => {
      const { topology: _, ...tree } = config([VIP]);
      const refused = await Balancer.refused(lab.network, tree);
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain(`this machine does not have the VIP ${VIP}`);
      expect(refused.stderr).toContain('topology: { interface: eth0 }');
    },
  );

  it('adds, announces and serves; caches that had another machine are corrected at once', async () => {
    const { client } = lab.network;
    const other = lab.network.server(3);
    await giveAddress(other, `${VIP}/32`);
    await giveAddress(other, `${VIP6}/128`);
    for (const vip of [VIP, VIP6]) {
      await learn(client, vip);
      expect(await cachedMac(client, vip)).toBe(otherMac);
    }
    await takeAddress(other, `${VIP}/32`);
    await takeAddress(other, `${VIP6}/128`);

    const wire = await Capture.on(client, 'arp or (icmp6 and ip6[40] == 136)', [
      'arp.opcode',
      'arp.src.proto_ipv4',
      'arp.dst.proto_ipv4',
      'ipv6.src',
      'ipv6.dst',
      'icmpv6.nd.na.target_address',
    ]);
    balancer = await lab.balance(config([VIP, VIP6]));
    expect(await onBalancer()).toEqual([OWN[0], `${VIP}/32`, `${VIP6}/128`, OWN[1]]);
    for (const vip of [VIP, VIP6]) {
      await waitFor(
        `the client to know where ${vip} is`,
        async () => (await cachedMac(client, vip)) === balancerMac,
      );
    }
    await serves(VIP, VIP6);
    await waitFor('announcements on the wire, twice each', () => {
      const rows = wire.rows();
      // It asks for its own address (RFC 5227 section 2.3).
      const arp = rows.filter(([what, from, asked]) => what === '1' && from === VIP && asked === VIP).length;
      const nd = rows.filter(
        ([, , , from, to, told]) => from === VIP6 && to === 'ff02::1' && told === VIP6,
      ).length;
      return arp >= 2 && nd >= 2;
    });
    await wire.close();
    const status = await balancer.status();
    expect(status.addresses).toEqual([
      { address: VIP, interface: 'eth0', ours: true, present: true, conflict: null },
      { address: VIP6, interface: 'eth0', ours: true, present: true, conflict: null },
    ]);
    expect((await balancer.cli('status')).stdout).toContain(`Addresses: ${VIP} on eth0, ${VIP6} on eth0`);
  });

  it('dials servers from its own addresses, not from a VIP that may go', async () => {
    for (const host of [VIP, VIP6]) await lab.crowd.open({ host, port: 5061, count: 6, command: 'echo' });
    const sources = (await balancer.connections()).map((c) => c.source.replace(/:\d+$/, ''));
    expect(new Set(sources)).toEqual(new Set(['10.0.0.5', '[2001:db8::5]']));
    await lab.crowd.close();
  });

  it('a live change adds one VIP and removes another; open connections of the third stay', async () => {
    const held = (await lab.crowd.open({ host: VIP, port: 5061, count: 5, command: 'echo' })).map(
      (s) => s.id,
    );
    await balancer.mustApply(config([VIP, VIP_B, VIP6_B]));
    await waitFor(`${VIP6} to go`, async () => !(await onBalancer()).includes(`${VIP6}/128`));
    expect(await onBalancer()).toEqual([OWN[0], `${VIP}/32`, `${VIP_B}/32`, `${VIP6_B}/128`, OWN[1]]);
    expect(await lab.crowd.exchange(held)).toEqual([]);
    await lab.crowd.close(held);
    await serves(VIP, VIP_B, VIP6_B);
    const kinds = (await balancer.events())
      .filter((e) => e.kind.startsWith('address-'))
      .map((e) => e.message);
    expect(kinds.slice(-3)).toEqual([
      `Address ${VIP_B} added to eth0 and announced.`,
      `Address ${VIP6_B} added to eth0 and announced.`,
      `Address ${VIP6} removed from eth0.`,
    ]);
  });

  it('a live change to a VIP that another machine has is refused whole', async () => {
    const other = lab.network.server(3);
    await giveAddress(other, `${VIP6}/64`);
    const before = await onBalancer();
    const answer = await balancer.apply(config([VIP, VIP6]));
    expect(answer.status).toBe(409);
    expect(answer.body).toContain('ADDRESS_DUPLICATE');
    expect(answer.body).toContain(otherMac);
    expect(await onBalancer()).toEqual(before);
    await serves(VIP, VIP_B, VIP6_B);
    const [event] = (await balancer.events()).filter((e) => e.kind === 'address-duplicate');
    expect(event?.message).toContain(`${otherMac} has it`);
    await takeAddress(other, `${VIP6}/64`);
  });

  // The kernel plane binds nothing.
  it.runIf(plane === 'proxy')('a port that cannot be bound takes the new address back', async () => {
    const before = await onBalancer();
    const blocker = lab.network.balancer.start('nginx', [
      '-e',
      'stderr',
      '-g',
      'daemon off;',
      '-c',
      await nginxOnAll(lab),
    ]);
    await waitFor('nginx to listen', async () =>
      (await lab.network.balancer.must('ss', ['-ltn'])).includes('0.0.0.0:8443'),
    );
    const tree = config([VIP, VIP_B, VIP6_B]);
    const more = { name: 'more', vip: '10.0.0.46', pool: 'ocspool', ports: [8443] };
    const answer = await balancer.apply({
      ...tree,
      virtualServices: [...(tree['virtualServices'] as object[]), more],
    });
    expect(answer.body).toContain('ADDRESS_IN_USE');
    expect(await onBalancer()).toEqual(before);
    blocker.kill('SIGTERM');
  });

  it('SNAT addresses are added too; one that is no longer wanted goes when its last connection has', async () => {
    const tree = config([VIP, VIP_B, VIP6_B]);
    const [first, ...others] = tree['virtualServices'] as object[];
    const snatPool = ['10.0.0.60-10.0.0.61', '2001:db8::60'];
    const wished = [first, ...others].map((service) => ({ ...service, snatPool }));
    await balancer.mustApply({ ...tree, virtualServices: wished });
    expect(await onBalancer()).toEqual(
      expect.arrayContaining(['10.0.0.60/32', '10.0.0.61/32', '2001:db8::60/128']),
    );
    const open = (host: string) => lab.crowd.open({ host, port: 5061, count: 6, command: 'echo' });
    const ids = idsOf([...(await open(VIP)), ...(await open(VIP6_B))]);
    const sources = (await balancer.connections()).map((c) => c.source.replace(/:\d+$/, ''));
    expect(new Set(sources)).toEqual(new Set(['10.0.0.60', '10.0.0.61', '[2001:db8::60]']));

    await balancer.mustApply(tree);
    expect(await lab.crowd.exchange(ids)).toEqual([]);
    expect(await onBalancer()).toContain('10.0.0.60/32');
    await lab.crowd.close(ids);
    await waitFor(
      'the SNAT addresses to go',
      async () => (await onBalancer()).every((address) => !/[.:]6[01]\//.test(address)),
      { timeoutMs: 30_000 },
    );
  });

  it('a crash leaves them; the next start takes them over and removes what is no longer wanted', async () => {
    await balancer.kill();
    expect(await onBalancer()).toContain(`${VIP6_B}/128`);
    await giveAddress(lab.network.balancer, '10.0.0.99/32');
    balancer = await lab.balance(config([VIP, VIP_B, '10.0.0.99']));
    await waitFor(`${VIP6_B} to go`, async () => !(await onBalancer()).includes(`${VIP6_B}/128`));
    await serves(VIP, VIP_B, '10.0.0.99');
    const messages = (await balancer.events()).map((e) => e.message);
    expect(messages).toContain(`Address ${VIP} is on eth0 from earlier; taken over and announced.`);
    expect((await balancer.status()).addresses).toContainEqual({
      address: '10.0.0.99',
      interface: 'eth0',
      ours: false,
      present: true,
      conflict: null,
    });
  });

  it('a stop removes its own and leaves what others added', async () => {
    await balancer.stop();
    expect(await onBalancer()).toEqual([OWN[0], '10.0.0.99/32', OWN[1]]);
  });
});

async function nginxOnAll(lab: Lab): Promise<string> {
  const { writeFile } = await import('node:fs/promises');
  const file = `${lab.network.directory}/blocker.conf`;
  const pid = `pid ${lab.network.directory}/blocker.pid;`;
  await writeFile(file, `${pid} events {} http { access_log off; server { listen 8443; return 200; } }\n`);
  return file;
}
