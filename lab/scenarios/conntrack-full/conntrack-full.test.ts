/**
 * The table of connection tracking is full, as after a flood that is not ours. TCP connections are translated past it, so
 * open and new ones go on; a UDP flow needs an entry there, so open ones go on and new ones do not; and Poolgate says so.
 * Its limit is the same for all namespaces and cannot be lowered in one, but each counts for itself; so the balancer's
 * namespace is filled with as many entries as the limit says (some 80 MB of kernel memory), and nobody else notices. The
 * proxy plane tracks nothing.
 */
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Balancer } from '../../balancer/balancer.ts';
import { labConfig, serversOf } from '../../balancer/config.ts';
import { idsOf } from '../../clients/crowd.ts';
import { StunCrowd } from '../../clients/stun-crowd.ts';
import { VIP } from '../../net/network.ts';
import { waitFor } from '../../net/wait.ts';
import { buildLab, type Lab, onOnePlane } from '../../scenario.ts';
import { Coturn, STUN_PORT } from '../../servers/coturn.ts';

const plane = 'kernel';
const PORTS = 60_000;
const TRIED = 200;
/** Some of these may find the room of a check that is over. */
const FLOWS = 60;
/** More would take a machine's memory and minutes. */
const MOST = 600_000;

/** Entries of connections that are established, so that none of them is given up for a new one. */
function entries(count: number): string {
  const lines: string[] = [];
  for (let i = 0; i < count; i += 1) {
    const client = `172.31.${Math.floor(i / PORTS)}.1`;
    const port = 1024 + (i % PORTS);
    const there = `-s ${client} --sport ${port} -d 172.30.0.1 --dport 80`;
    const back = `-r 172.30.0.1 --reply-port-src 80 -q ${client} --reply-port-dst ${port}`;
    lines.push(`-A -p tcp ${there} ${back} --state ESTABLISHED -u ASSURED,SEEN_REPLY -t 600`);
  }
  return `${lines.join('\n')}\n`;
}

onOnePlane(plane, 'the table of connection tracking is full', () => {
  let lab: Lab;
  let balancer: Balancer;
  let flows: StunCrowd;

  beforeAll(async () => {
    lab = await buildLab({ plane, ports: [5061] });
    for (const host of lab.network.servers) await Coturn.start(host, lab.network.directory);
    flows = await StunCrowd.start(lab.network.client);
    const ports = [5061, { port: STUN_PORT, protocol: 'udp' }];
    balancer = await lab.balance(labConfig({ plane, servers: serversOf(lab.network.servers), ports }));
  });
  afterAll(() => lab?.close());

  /** How many of so many new flows were answered. */
  async function answered(count: number): Promise<number> {
    const { ipv4 } = lab.network.client;
    const states = await flows.open({ host: VIP, port: STUN_PORT, count, from: [ipv4] });
    return states.filter(({ seen }) => seen !== null).length;
  }

  it('TCP goes on, and open flows; new flows find no room, and it says why; they do when there is room', async ({
    skip,
  }) => {
    const limit = Number(readFileSync('/proc/sys/net/netfilter/nf_conntrack_max', 'utf8'));
    if (limit > MOST) skip(`nf_conntrack_max is ${limit}; filling that takes too long`);
    const host = lab.network.balancer;
    const held = await lab.crowd.open({ host: VIP, port: 5061, count: 30, command: 'echo' });
    expect(await answered(3)).toBe(3);
    const file = join(lab.network.directory, 'entries');
    await writeFile(file, entries(limit));
    // It ends with an error at the first entry that finds no room.
    await host.run('conntrack', ['-R', file], { timeoutMs: 100_000 });
    expect(Number(await host.must('conntrack', ['-C']))).toBeGreaterThanOrEqual(limit - 100);

    expect(await lab.crowd.exchange(idsOf(held))).toEqual([]);
    expect((await flows.again()).filter(({ seen }) => seen === null)).toEqual([]);
    const tried = await lab.crowd.open({ host: VIP, port: 5061, count: TRIED, command: 'echo' });
    expect(tried.filter((one) => one.server === null)).toEqual([]);
    expect(await lab.crowd.exchange(idsOf(tried))).toEqual([]);
    await lab.crowd.close(idsOf(tried));
    expect(await answered(FLOWS)).toBeLessThan(FLOWS / 2);
    await waitFor('the log to say so', () =>
      balancer.log().some((line) => JSON.stringify(line).includes('nf_conntrack_max')),
    );
    // The balancer's own checks find no room either. That says nothing about the servers, and nobody is reset for it.
    expect(balancer.log().filter((line) => line['event'] === 'server-down')).toEqual([]);
    expect(await lab.crowd.exchange(idsOf(held))).toEqual([]);

    // A little room, so that the command line has a connection too.
    await host.must('conntrack', ['-D', '-s', '172.31.4.1'], { timeoutMs: 60_000 });
    const status = await balancer.cli('status');
    expect(status.stdout).toMatch(/^DEGRADED {2}The kernel's table of connections fills up/);
    expect(status.stdout).toContain('net.netfilter.nf_conntrack_max');
    expect((await balancer.servers()).map((row) => row.health)).toEqual(['up', 'up', 'up']);

    await host.must('conntrack', ['-D', '-d', '172.30.0.1'], { timeoutMs: 100_000 });
    await waitFor('flows to be served again', async () => (await answered(1)) === 1);
    expect(await lab.crowd.exchange(idsOf(held))).toEqual([]);
    expect((await balancer.cli('status')).stdout).toMatch(/^OK/);
    await lab.crowd.close(undefined, 'reset');
  });
});
